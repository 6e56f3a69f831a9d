/** Antialiased bicubic resampling of a box as a matrix, the way Pillow defines it. */
import {
  abs,
  add,
  constant,
  div,
  less,
  max,
  mul,
  reduceSum,
  sub,
  type Value,
  where,
} from "../graph/mod.ts";

/** Parameter of the cubic kernel (Keys 1981). */
const A = -0.5;

/** The cubic kernel at `x` >= 0: support 2, sum 1 over the whole numbers. */
function kernel(x: Value): Value {
  // |x| < 1: (A + 2) x^3 - (A + 3) x^2 + 1
  const near = add(mul(mul(x, x), sub(mul(x, A + 2), A + 3)), 1);
  // 1 <= |x| < 2: A (x^3 - 5 x^2 + 8 x - 4)
  const far = mul(sub(mul(add(mul(sub(x, 5), x), 8), x), 4), A);
  return where(less(x, 1), near, where(less(x, 2), far, 0));
}

/**
 * Weights that resample a line of pixels within a box.
 *
 * @param start where the box begins, in pixels of the line, `[B, 1, 1]`.
 * @param length its length in pixels, > 0, `[B, 1, 1]`.
 * @param sizes `input`: pixels of the line; `output`: pixels wanted.
 * @param mirrored 1 where the output runs from the box's end to its start, else 0, `[B, 1, 1]`.
 * @returns `[B, output, input]`, rows add up to 1. When the box is larger than the output the kernel widens with it, so
 * nothing aliases; taps outside the line are left out, taps outside the box but on the line are used (as Pillow does).
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { resamplingMatrix } from "./mod.ts";
 *
 * const [start, length] = ["start", "length"].map((name) => graph.input(name, "float32", [2, 1, 1]));
 * const weights = resamplingMatrix(start!, length!, { input: 32, output: 8 });
 * console.assert(String(weights.shape) === "2,8,32");
 * ```
 */
export function resamplingMatrix(
  start: Value,
  length: Value,
  sizes: { readonly input: number; readonly output: number },
  mirrored?: Value,
): Value {
  const { input, output } = sizes;
  const scale = mul(length, 1 / output); // [B, 1, 1]
  const reach = max(scale, 1); // [B, 1, 1]
  const rows = Array.from({ length: output }, (_, i) => i + 0.5);
  let row: Value = constant("float32", [1, output, 1], rows);
  if (mirrored) row = add(row, mul(mirrored, sub(output, mul(row, 2)))); // i -> output - 1 - i
  const centre = add(start, mul(row, scale)); // [B, output, 1]
  const pixel = constant(
    "float32",
    [1, 1, input],
    Array.from({ length: input }, (_, i) => i + 0.5),
  );
  const weights = kernel(abs(div(sub(pixel, centre), reach))); // [B, output, input]
  return div(weights, reduceSum(weights, [2], true));
}
