/** Which training images are held out for validation. */
import { createHash } from "node:crypto";
import { random } from "../tensor/mod.ts";

/** How many are held out, and the seed that says which. */
export interface Holdout {
  /** Share of the training images, between 0 and 1. */
  readonly fraction: number;
  readonly seed: number;
}

/**
 * The paths to hold out: at least one, and all but one at most. Every path has a number of its own, drawn from
 * (seed, path), and those with the smallest are taken. So order does not matter, and an image that comes or
 * goes moves at most one other.
 */
export function heldOut(
  paths: readonly string[],
  { fraction, seed }: Holdout,
): ReadonlySet<string> {
  const count = Math.max(1, Math.min(paths.length - 1, Math.round(paths.length * fraction)));
  const drawn = paths.map((path) => {
    const sample = createHash("sha256").update(path).digest().readUInt32LE(0);
    return { path, key: random({ seed, purpose: "split", sample }).uint32() };
  });
  drawn.sort((a, b) => a.key - b.key || (a.path < b.path ? -1 : 1));
  return new Set(drawn.slice(0, count).map(({ path }) => path));
}
