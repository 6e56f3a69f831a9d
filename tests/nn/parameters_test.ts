import assert from "node:assert/strict";
import { Parameters } from "../../lib/nn/mod.ts";

const make = () =>
  new Parameters([
    { name: "a", shape: [6, 2, 2], init: "zeros" },
    { name: "b", shape: [3], init: "zeros" },
  ]);

Deno.test("Parameters makes an input for what is asked for, once", () => {
  const p = make();
  assert.deepEqual(p.views, []);
  const a = p.get("a");
  assert.equal(p.get("a"), a);
  assert.deepEqual([a.op, a.dtype, a.shape], ["Input", "float32", [6, 2, 2]]);
  assert.deepEqual(p.views.map(({ value }) => value), [a]);
  assert.ok(p.has("b") && !p.has("c"));
});

Deno.test("Parameters.rows() are parts of the first axis at their offset", () => {
  const p = make();
  const rows = p.rows("a", 2, 5);
  assert.equal(p.rows("a", 2, 5), rows);
  p.rows("a", 0, 2);
  assert.deepEqual(
    p.views.map(({ parameter, offset, value }) => [
      parameter.name,
      offset,
      value.attrs.name,
      value.shape,
    ]),
    [["a", 8, "a[2:5]", [3, 2, 2]], ["a", 0, "a[0:2]", [2, 2, 2]]],
  );
});

Deno.test("Parameters rejects names and rows that are not there", () => {
  const p = make();
  assert.throws(() => p.get("c"), {
    name: "RangeError",
    message: 'Cannot find the parameter "c"',
  });
  for (const [start, end] of [[-1, 2], [2, 2], [3, 2], [0, 7]] as const) {
    assert.throws(() => p.rows("a", start, end), {
      name: "RangeError",
      message: `Cannot take rows ${start}..${end} of a: its shape is [6, 2, 2]`,
    });
  }
});
