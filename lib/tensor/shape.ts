/** Shapes: immutable lists of sizes, checked where they are made. */

/** Sizes of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** `[2, 3]` as text. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, axis) => product * axis, 1);
}

/** True if both have the same axes. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

/** The shape itself, once every axis is a whole number >= 0. @throws {RangeError} otherwise. */
export function checkShape(shape: Shape): Shape {
  if (!shape.every((axis) => Number.isSafeInteger(axis) && axis >= 0)) {
    throw new RangeError(`Cannot use ${showShape(shape)} as a shape: axes are whole numbers >= 0`);
  }
  return shape;
}

/** Axis counted from the front; -1 is the last. @throws {RangeError} if there is no such axis. */
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
