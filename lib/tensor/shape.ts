/** Shapes: immutable lists of sizes, checked where they are made. */

/** Sizes of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/**
 * `[2, 3]` as text.
 *
 * @example
 * ```ts
 * import { showShape } from "./mod.ts";
 *
 * console.assert(showShape([2, 3]) === "[2, 3]");
 * ```
 */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/**
 * Number of elements.
 *
 * @example
 * ```ts
 * import { sizeOf } from "./mod.ts";
 *
 * console.assert(sizeOf([2, 3]) === 6 && sizeOf([]) === 1);
 * ```
 */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

/**
 * True if both have the same axes.
 *
 * @example
 * ```ts
 * import { sameShape } from "./mod.ts";
 *
 * console.assert(sameShape([2, 3], [2, 3]) && !sameShape([2, 3], [3, 2]));
 * ```
 */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

/**
 * The shape itself, once every axis is a whole number >= 0.
 *
 * @throws {RangeError} otherwise.
 *
 * @example
 * ```ts
 * import { checkShape } from "./mod.ts";
 *
 * console.assert(checkShape([2, 0]).length === 2);
 * ```
 */
export function checkShape(shape: Shape): Shape {
  if (!shape.every((axis) => Number.isSafeInteger(axis) && axis >= 0)) {
    throw new RangeError(`Cannot use ${showShape(shape)} as a shape: axes are whole numbers >= 0`);
  }
  return shape;
}

/**
 * Axis counted from the front; -1 is the last.
 *
 * @throws {RangeError} if there is no such axis.
 *
 * @example
 * ```ts
 * import { axisOf } from "./mod.ts";
 *
 * console.assert(axisOf([4, 5, 6], -1) === 2);
 * ```
 */
export function axisOf(shape: Shape, axis: number): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= shape.length) {
    throw new RangeError(`Cannot use axis ${axis}: the shape is ${showShape(shape)}`);
  }
  return positive;
}

/**
 * The shape that both broadcast to, by NumPy's rule.
 *
 * @throws {TypeError} if an axis differs and neither is 1.
 *
 * @example
 * ```ts
 * import { broadcastShapes } from "./mod.ts";
 *
 * console.assert(String(broadcastShapes([4, 1], [3])) === "4,3");
 * ```
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new TypeError(`Cannot broadcast ${showShape(a)} with ${showShape(b)}`);
    }
    return x === 1 ? y : x;
  });
}
