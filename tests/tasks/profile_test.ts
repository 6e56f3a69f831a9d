import assert from "node:assert/strict";
import { flamePage } from "../../tasks/profile/flame.ts";
import { placeNode, totals } from "../../tasks/profile/phases.ts";

const node = (name: string, op: string, microseconds: number) =>
  placeNode({ name, op, provider: "CPUExecutionProvider", count: 2, microseconds });

Deno.test("placeNode() finds phase and layer in a node's name", () => {
  const places = ["gradient/backward/visible/blocks.3/mlp/Mul_7", "gradient/Cast_0", "update/Add_3"]
    .map((name) => node(name, "Add", 1)).map(({ phase, layer }) => [phase, layer]);
  assert.deepEqual(places, [["backward", "visible/blocks.3/mlp"], ["crop", ""], ["update", ""]]);
});

Deno.test("totals() adds up nodes that share a key, the slowest first", () => {
  const nodes = [
    node("update/Add_0", "Add", 3),
    node("update/Mul_1", "Mul", 4),
    node("update/Add_2", "Add", 5),
  ];
  assert.deepEqual(totals(nodes, ({ op }) => op), [
    { key: "Add", count: 4, microseconds: 8 },
    { key: "Mul", count: 2, microseconds: 4 },
  ]);
});

Deno.test("flamePage() holds all frames and asks for nothing from elsewhere", () => {
  const nodes = [
    node("gradient/score/blocks.0/Gelu_1", "Gelu", 4000),
    node("update/Add_0", "Add", 2000),
  ];
  const page = flamePage("a <title>", nodes, 2);
  for (const label of ["step: 3.00 ms", "score: 2.00 ms", "blocks.0: 2.00 ms", "update: 1.00 ms"]) {
    assert.ok(page.includes(label), label);
  }
  assert.ok(page.includes("a &lt;title&gt;") && !/(src|href)=|https?:/.test(page));
});
