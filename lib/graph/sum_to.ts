/** Undoes broadcasting: the adjoint of repeating an axis is summing over it. */
import { sameShape, type Shape, showShape, sizeOf } from "../tensor/mod.ts";
import { filled, matmul, reduceSum, reshape } from "./build/mod.ts";
import type { Value } from "./value.ts";

/**
 * Sums `x` over the axes along which `shape` was broadcast to it, and returns it in `shape`.
 *
 * @throws {TypeError} if `shape` does not broadcast to the shape of `x`.
 *
 * @example
 * ```ts
 * import { gradient, input, sumTo } from "./mod.ts";
 *
 * const dy = input("dy", "float32", [8, 4]);
 * console.assert(String(sumTo(dy, [4]).shape) === "4"); // as a bias's gradient
 * ```
 */
export function sumTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes: number[] = [];
  x.shape.forEach((size, i) => {
    const target = i < lead ? 1 : shape[i - lead]!;
    if (target !== size && target !== 1) {
      throw new TypeError(`Cannot sum ${showShape(x.shape)} to ${showShape(shape)}`);
    }
    if (target !== size || i < lead) axes.push(i);
  });
  const isLeading = axes.every((axis, i) => axis === i) && axes.length < x.shape.length;
  return isLeading ? sumRows(x, axes.length, shape) : reshape(reduceSum(x, axes, true), shape);
}

/** Sum over the first `count` axes as a product with ones: one pass through the matrix kernel, on every provider. */
function sumRows(x: Value, count: number, shape: Shape): Value {
  const columns = sizeOf(x.shape.slice(count));
  const rows = sizeOf(x.shape) / columns;
  return reshape(matmul(filled(x.dtype, [1, rows], 1), reshape(x, [rows, columns])), shape);
}
