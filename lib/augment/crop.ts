/** Crop, flip and resize in the graph, as two products with resampling matrices. */
import { cast, matmul, max, min, reshape, slice, transpose, type Value } from "../graph/mod.ts";
import { resamplingMatrix } from "./bicubic.ts";

/**
 * Cuts a box out of every image and resizes it to a square by antialiased bicubic interpolation.
 *
 * @param images uint8 `[B, S, S, 3]`.
 * @param boxes float32 `[B, 4]`: top, left, height, width in pixels of the stored image; fractions are fine.
 * @param flips float32 `[B]`: 1 to mirror left and right, else 0.
 * @param size pixels of a side of the result.
 * @returns float32 `[B, size, size, 3]` in 0-255, clipped but not rounded.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { crop } from "./mod.ts";
 *
 * const images = graph.input("images", "uint8", [2, 40, 40, 3]);
 * const boxes = graph.input("boxes", "float32", [2, 4]);
 * const flips = graph.input("flips", "float32", [2]);
 * console.assert(String(crop(images, boxes, flips, 32).shape) === "2,32,32,3");
 * ```
 */
export function crop(images: Value, boxes: Value, flips: Value, size: number): Value {
  const [B, S] = images.shape as [number, number];
  const column = (i: number) => reshape(slice(boxes, 1, i, i + 1), [B, 1, 1]);
  const sizes = { input: S, output: size };
  const vertical = resamplingMatrix(column(0), column(2), sizes); // [B, size, S]
  const mirrored = reshape(flips, [B, 1, 1]);
  const horizontal = resamplingMatrix(column(1), column(3), sizes, mirrored); // [B, size, S]

  // Rows first, and clipped before columns: near black and white the kernel's overshoot makes the order matter
  const planes = cast(transpose(images, [0, 3, 1, 2]), "float32"); // [B, 3, S, S]
  const across = reshape(horizontal, [B, 1, size, S]);
  const lines = clip(matmul(planes, across, { transB: true })); // [B, 3, S, size]
  const cropped = clip(matmul(reshape(vertical, [B, 1, size, S]), lines)); // [B, 3, size, size]
  return transpose(cropped, [0, 2, 3, 1]);
}

function clip(pixels: Value): Value {
  return min(max(pixels, 0), 255);
}
