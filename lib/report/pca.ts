/** Principal components by orthogonal iteration. */
import { random } from "../tensor/mod.ts";

/** Rows in the plane of their two main directions. */
export interface Plane {
  /** `[N, 2]`. */
  readonly points: Float64Array;
  /** Shares of the variance along each axis, in [0, 1]. */
  readonly shares: readonly [number, number];
}

/** Rounds of the iteration: the ratio of neighbouring eigenvalues to this power is what is left of an error. */
const ROUNDS = 60;

/**
 * Projects rows onto the two directions in which they vary most.
 *
 * @param values `[N, F]` in row-major order.
 */
export function principalPlane(values: Float32Array, width: number): Plane {
  const count = values.length / width;
  const rows = centred(values, width);
  const total = rows.reduce((sum, x) => sum + x * x, 0);
  const axes = [0, 1].map((sample) => {
    const stream = random({ seed: 0, purpose: "draw", sample });
    return Float64Array.from({ length: width }, () => stream.normal());
  });
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, axis] of axes.entries()) axis.set(through(rows, axes[i]!, width));
    orthonormalise(axes);
  }
  const points = new Float64Array(count * 2);
  const variances = axes.map((axis, i) => {
    const along = project(rows, axis, width);
    along.forEach((value, row) => points[2 * row + i] = value);
    return along.reduce((sum, x) => sum + x * x, 0);
  });
  const share = (i: number) => total > 0 ? variances[i]! / total : 0;
  return { points, shares: [share(0), share(1)] };
}

function centred(values: Float32Array, width: number): Float64Array {
  const means = new Float64Array(width);
  const count = values.length / width;
  values.forEach((x, i) => means[i % width]! += x / count);
  return Float64Array.from(values, (x, i) => x - means[i % width]!);
}

/** X axis, `[N]`. */
function project(rows: Float64Array, axis: Float64Array, width: number): Float64Array {
  const result = new Float64Array(rows.length / width);
  rows.forEach((x, i) => result[Math.floor(i / width)]! += x * axis[i % width]!);
  return result;
}

/** X^T X axis, `[F]`. */
function through(rows: Float64Array, axis: Float64Array, width: number): Float64Array {
  const along = project(rows, axis, width);
  const result = new Float64Array(width);
  rows.forEach((x, i) => result[i % width]! += x * along[Math.floor(i / width)]!);
  return result;
}

/** Gram and Schmidt, in place. A direction in which nothing varies becomes zero. */
function orthonormalise([first, second]: Float64Array[]): void {
  scale(first!);
  const shared = first!.reduce((sum, x, i) => sum + x * second![i]!, 0);
  second!.forEach((x, i) => second![i] = x - shared * first![i]!);
  scale(second!);
}

function scale(axis: Float64Array): void {
  const norm = Math.hypot(...axis);
  axis.forEach((x, i) => axis[i] = norm > 1e-12 ? x / norm : 0);
}
