/** A small model with random weights, and pictures of its size. */
import {
  pretrainingBuffers,
  type PretrainingConfig,
  pretrainingParameters,
} from "../../lib/ccmim/mod.ts";
import type { StoredTensor } from "../../lib/checkpoint/mod.ts";
import type { Picture } from "../../lib/data/mod.ts";
import { initialise } from "../../lib/nn/mod.ts";
import { random, sizeOf } from "../../lib/tensor/mod.ts";

/** Random weights, a pure function of the seed. */
export function weightsOf(config: PretrainingConfig, seed = 1): Map<string, StoredTensor> {
  const all = [...pretrainingParameters(config), ...pretrainingBuffers(config)];
  return new Map(all.map((parameter) => {
    const values = new Float32Array(sizeOf(parameter.shape));
    initialise(values, parameter, seed);
    const stream = random({ seed, purpose: "draw" });
    if (parameter.init === "zeros") values.forEach((_, i) => values[i] = stream.normal() / 4);
    const data = new Uint8Array(values.buffer);
    return [parameter.name, { dtype: "float32", shape: parameter.shape, data }];
  }));
}

/** Pictures of random pixels. */
export function randomPictures(count: number, size: number): Picture[] {
  return Array.from({ length: count }, (_, i) => {
    const stream = random({ seed: 9, purpose: "draw", sample: i });
    const pixels = Uint8Array.from({ length: size * size * 3 }, () => stream.below(256));
    return { name: `pictures/${i}.png`, label: i === 0 ? "first" : null, pixels };
  });
}
