import { deepEqual, ok, throws } from "node:assert/strict";
import { interpolatePositions } from "../../lib/vit/interpolate.ts";

// torch 2.13: interpolate(grid, size=(to, to), mode="bicubic", align_corners=False), CLS put back in front
// deno-fmt-ignore
const CASES: readonly { from: number; to: number; width: number; positions: number[]; expected: number[] }[] = [
  {
    from: 2, to: 3, width: 2,
    positions: [-1, -0.75, -1, 1.25, 1.25, 1.75, -1.75, 0.5, -1.5, -1.25],
    expected: [-1, -0.75, -1.145279, 1.254748, 0.2769098, 1.662761, 1.699098, 2.070774, -1.483507, 0.9292536, -0.75,
      0.5625, -0.01649337, 0.1957467, -1.821736, 0.6037602, -1.77691, -0.5377601, -1.732084, -1.67928],
  },
  {
    from: 3, to: 2, width: 2,
    positions: [-1.75, 0, 1, -1, -1.25, 1, 1.25, 0.25, -1, 1.5, 0.5, -0.25, 0, 2, -0.25, 1.5, 1, 1.75, -1.5, 1.5],
    expected: [-1.75, 0, 0.1387558, -0.1895065, 0.542263, 0.6980515, -0.08866119, 1.497169, -0.6658897, 1.567448],
  },
  {
    from: 4, to: 7, width: 1,
    positions: [1.5, 2, -2, 1.5, 1.25, 0.5, 1, -2, -0.75, -1.75, -1, 1, 0.25, -1.25, -0.5, -0.75, -0.25],
    expected: [1.5, 2.58999, 0.3788148, -2.234702, -0.6046628, 2.015901, 1.839233, 1.408863, 1.873515, 0.7213957,
      -0.7579232, -0.6346355, 0.1900425, 0.4362572, 0.5451255, 0.6668388, 0.9442873, 1.039586, -0.6049404, -1.99849,
      -1.28575, -0.5570887, -0.9163678, -0.4005325, 0.2159774, -0.142334, -0.6899177, -0.5390486, -0.3634954,
      -1.900883, -1.695114, -1.204454, 0.1309997, 1.091448, 0.6595324, 0.1911015, -1.63468, -1.348629, -0.875228,
      -0.3049458, 0.06606434, 0.04922413, -0.02298473, -1.274805, -0.915731, -0.4714439, -0.6751997, -0.9097846,
      -0.5413421, -0.2376951],
  },
];

for (const { from, to, width, positions, expected } of CASES) {
  Deno.test(`interpolatePositions() gives PyTorch's numbers from ${from} to ${to}`, () => {
    const found = interpolatePositions(Float32Array.from(positions), from, to);
    deepEqual(found.length, (1 + to * to) * width);
    found.forEach((value, i) => {
      ok(Math.abs(value - expected[i]!) < 1e-5, `${i}: ${value} instead of ${expected[i]}`);
    });
  });
}

Deno.test("interpolatePositions() keeps a grid of one, and copies an equal grid", () => {
  const one = Float32Array.of(5, 6, 1, 2);
  deepEqual([...interpolatePositions(one, 1, 2)], [5, 6, 1, 2, 1, 2, 1, 2, 1, 2]);
  const same = interpolatePositions(one, 1, 1);
  deepEqual(same, one);
  same[0] = 9;
  deepEqual(one[0], 5);
});

Deno.test("interpolatePositions() rejects grids that are none, and positions of another grid", () => {
  throws(
    () => interpolatePositions(new Float32Array(10), 2, 0),
    new RangeError("Cannot interpolate positions for a grid of 0: it must be a whole number >= 1"),
  );
  throws(
    () => interpolatePositions(new Float32Array(12), 2, 3),
    new TypeError(
      "Cannot interpolate 12 numbers as positions of a 2 x 2 grid: it takes a multiple of 5, one for CLS included",
    ),
  );
});
