import assert from "node:assert/strict";
import { drawText, LETTER } from "../../lib/raster/mod.ts";

/** The text as rows of `#` and `.`. */
function drawn(text: string, width: number, left = 0): string[] {
  const height = 8;
  const pixels = new Uint8Array(width * height * 3).fill(255);
  drawText({ pixels, width, height }, text, { left, top: 0 });
  return Array.from({ length: height }, (_, y) => {
    return Array.from({ length: width }, (_, x) => pixels[(y * width + x) * 3] === 0 ? "#" : ".")
      .join("");
  });
}

Deno.test("drawText() draws letters of 5 x 8 pixels, one beside the other", () => {
  assert.deepEqual(drawn("Le", 2 * LETTER.width), [
    "#...........",
    "#...........",
    "#......###..",
    "#.....#...#.",
    "#.....#####.",
    "#.....#.....",
    "#####..###..",
    "............",
  ]);
});

Deno.test("drawText() leaves accents out, boxes what it lacks, and cuts at the border", () => {
  assert.deepEqual(drawn("\u00e9", 6), drawn("e", 6));
  assert.equal(drawn("\u4e2d", 6)[0], "#####.");
  assert.deepEqual(drawn("EE", 8).map((row) => row.slice(0, 6)), drawn("E", 6));
  assert.ok(drawn("E", 6, 9).every((row) => row === "......"));
});

Deno.test("drawText() has a different picture for every printable character", () => {
  const all = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
  assert.equal(new Set(all.map((letter) => drawn(letter, 6).join("\n"))).size, 95);
});
