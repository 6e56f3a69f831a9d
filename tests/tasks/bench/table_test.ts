import assert from "node:assert/strict";
import { type Line, showLine, showSpread, showTable } from "../../../tasks/bench/table.ts";

const same = (value: number) => ({ median: value, least: value, greatest: value });

const LINES: readonly Line[] = [
  {
    row: "train",
    name: "model",
    figure: "rate",
    unit: "images/s",
    ours: { median: 4.453, least: 4.4, greatest: 4.512 },
    peer: { name: "PyTorch", ...same(3.01) },
    ratio: { median: 1.478, least: 1.4, greatest: 1.5 },
  },
  {
    row: "prepare",
    name: "pictures",
    figure: "parallel efficiency",
    unit: "",
    ours: same(0.91),
    peer: null,
    ratio: null,
  },
];

Deno.test("showTable() is a Markdown table with ranges and ratios", () => {
  const text = showTable(LINES);
  assert.equal(
    text,
    [
      "| row     | what     | figure              | ours            | peer         | ours / peer      |",
      "| ------- | -------- | ------------------- | --------------- | ------------ | ---------------- |",
      "| train   | model    | rate, images/s      | 4.45 (4.4-4.51) | 3.01 PyTorch | 1.48 (1.40-1.50) |",
      "| prepare | pictures | parallel efficiency | 0.91            |              |                  |",
    ].join("\n"),
  );
});

Deno.test("showLine() says all of a line in one row of text", () => {
  assert.deepEqual(LINES.map(showLine), [
    "train, model: rate, images/s: 4.45 (4.4-4.51); 3.01 PyTorch; ratio 1.48 (1.40-1.50)",
    "prepare, pictures: parallel efficiency: 0.91",
  ]);
});

Deno.test("showSpread() shows three digits and whole numbers", () => {
  const show = (median: number) => showSpread({ median, least: median, greatest: median });
  assert.deepEqual([0, 0.01234, 1.005, 45.67, 163604.2].map(show), [
    "0",
    "0.0123",
    "1.01",
    "45.7",
    "163,604",
  ]);
});
