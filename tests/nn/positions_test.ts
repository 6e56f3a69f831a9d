import assert from "node:assert/strict";
import { sinCosPositions } from "../../lib/nn/mod.ts";
import { assertClose } from "../_assert.ts";

Deno.test("sinCosPositions() are MAE's: column, then row; sines, then cosines; CLS zero", () => {
  for (const [width, grid] of [[16, 3], [4, 2], [32, 5]] as const) {
    const positions = sinCosPositions(width, grid);
    const expected: number[] = new Array(width).fill(0);
    for (let row = 0; row < grid; row++) {
      for (let column = 0; column < grid; column++) {
        for (const place of [column, row]) {
          for (const wave of [Math.sin, Math.cos]) {
            // omega_i = 10000^(-i / (E / 2)) for a half of width E
            for (let i = 0; i < width / 4; i++) {
              expected.push(wave(place * Math.pow(10000, -i / (width / 4))));
            }
          }
        }
      }
    }
    assertClose(positions, expected, 1e-7);
  }
});

Deno.test("sinCosPositions() rejects widths that do not halve twice", () => {
  assert.throws(() => sinCosPositions(6, 2), {
    name: "RangeError",
    message: "Cannot make 2-D sine-cosine positions of width 6: it must be a multiple of 4",
  });
});
