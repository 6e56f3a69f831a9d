/** Which training images are held out for validation. */
import { createHash } from "node:crypto";
import { random } from "../tensor/mod.ts";
import type { List } from "./column.ts";

/** How many are held out, and the seed that says which. */
export interface Holdout {
  /** Share of the training images, between 0 and 1. */
  readonly fraction: number;
  readonly seed: number;
}

/**
 * The numbers of the paths to hold out: at least one, and all but one at most. Every path has a number of its own, drawn from
 * (seed, path), and those with the smallest are taken. So order does not matter, and an image that comes or
 * goes moves at most one other.
 */
export function heldOut(
  paths: List<string>,
  { fraction, seed }: Holdout,
): Uint32Array {
  const count = Math.max(1, Math.min(paths.length - 1, Math.round(paths.length * fraction)));
  const drawn = Uint32Array.from({ length: paths.length }, (_, i) => {
    const sample = createHash("sha256").update(paths.at(i)!).digest().readUInt32LE(0);
    return random({ seed, purpose: "split", sample }).uint32();
  });
  const order = drawn.map((_, i) => i);
  order.sort((a, b) => drawn[a]! - drawn[b]! || (paths.at(a)! < paths.at(b)! ? -1 : 1));
  return order.subarray(0, count);
}
