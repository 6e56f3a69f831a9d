import assert from "node:assert/strict";
import {
  axisOf,
  broadcastShapes,
  checkShape,
  sameShape,
  showShape,
  sizeOf,
} from "../../lib/tensor/mod.ts";

Deno.test("showShape() writes a shape in brackets", () => {
  assert.equal(showShape([2, 3]), "[2, 3]");
  assert.equal(showShape([]), "[]");
});

Deno.test("sizeOf() multiplies the axes", () => {
  assert.equal(sizeOf([2, 3, 4]), 24);
  assert.equal(sizeOf([]), 1);
  assert.equal(sizeOf([2, 0, 4]), 0);
});

Deno.test("sameShape() compares axes and their number", () => {
  assert.ok(sameShape([2, 3], [2, 3]));
  assert.ok(sameShape([], []));
  assert.ok(!sameShape([2, 3], [3, 2]));
  assert.ok(!sameShape([2], [2, 1]));
  assert.ok(!sameShape([2, 1], [2]));
});

Deno.test("checkShape() returns shapes of whole numbers and rejects others", () => {
  const shape = [2, 0, 3];
  assert.equal(checkShape(shape), shape);
  for (const bad of [[-1], [2, 1.5], [NaN], [2 ** 53], [Infinity]]) {
    assert.throws(() => checkShape(bad), {
      name: "RangeError",
      message: `Cannot use [${bad.join(", ")}] as a shape: axes are whole numbers >= 0`,
    });
  }
});

Deno.test("axisOf() counts negative axes from the back", () => {
  assert.deepEqual([0, 1, 2, -1, -2, -3].map((axis) => axisOf([4, 5, 6], axis)), [
    0,
    1,
    2,
    2,
    1,
    0,
  ]);
  for (const axis of [3, -4, 0.5, NaN]) {
    assert.throws(() => axisOf([4, 5, 6], axis), {
      name: "RangeError",
      message: `Cannot use axis ${axis}: the shape is [4, 5, 6]`,
    });
  }
  assert.throws(() => axisOf([], 0), { message: "Cannot use axis 0: the shape is []" });
});

Deno.test("broadcastShapes() follows NumPy's rule", () => {
  const table = [
    [[2, 3], [2, 3], [2, 3]],
    [[2, 3], [], [2, 3]],
    [[2, 3], [3], [2, 3]],
    [[2, 1], [3], [2, 3]],
    [[4, 1, 3], [2, 1], [4, 2, 3]],
    [[1], [1, 1], [1, 1]],
    [[0], [1], [0]],
    [[], [], []],
  ] as const;
  for (const [a, b, both] of table) {
    assert.deepEqual(broadcastShapes(a, b), both);
    assert.deepEqual(broadcastShapes(b, a), both);
  }
  for (const [a, b] of [[[2, 3], [2]], [[2], [3]], [[2, 3], [4, 3]], [[0], [2]]] as const) {
    assert.throws(() => broadcastShapes(a, b), {
      name: "TypeError",
      message: `Cannot broadcast ${showShape(a)} with ${showShape(b)}`,
    });
  }
});
