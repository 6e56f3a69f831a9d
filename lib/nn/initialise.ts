/** First values of parameters. */
import { random, sizeOf } from "../tensor/mod.ts";
import type { Parameter } from "./parameters.ts";

/**
 * Fills `target` with the first values of `parameter`, a pure function of the seed and the parameter's name.
 *
 * `xavier` is uniform in +-sqrt(6 / (fan in + fan out)) with the shape seen as `[out, in...]` (Glorot and Bengio 2010).
 *
 * @param target as many elements as the parameter's shape holds.
 *
 * @example
 * ```ts
 * import { initialise, linearParameters } from "./mod.ts";
 *
 * const [weight] = linearParameters("head", 4, 2);
 * const values = new Float32Array(8);
 * initialise(values, weight!, 0);
 * console.assert(values.every((value) => Math.abs(value) <= 1)); // sqrt(6 / (4 + 2))
 * ```
 */
export function initialise(target: Float32Array, parameter: Parameter, seed: number): void {
  const { name, shape, init } = parameter;
  if (init === "zeros") return void target.fill(0);
  if (init === "ones") return void target.fill(1);
  const stream = random({ seed, purpose: "init", sample: hash(name) });
  if (init === "xavier") {
    const [fanOut = 1, ...rest] = shape;
    const bound = Math.sqrt(6 / (sizeOf(rest) + fanOut));
    for (let i = 0; i < target.length; i++) target[i] = (2 * stream.uniform() - 1) * bound;
  } else {
    for (let i = 0; i < target.length; i++) target[i] = stream.normal() * init.normal;
  }
}

/** 32-bit FNV-1a of the name's characters: ties a stream to a name, not to a place in a list. */
function hash(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
