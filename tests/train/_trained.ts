/** Training on what seeds draw. */
import type { TensorMap } from "../../lib/train/state.ts";
import { openRig, type Rig, type RigOptions } from "./_micro.ts";

/** Everything of a rig that a checkpoint holds. */
export function saved({ engine: { state } }: Rig): TensorMap {
  return new Map([...state.model(), ...state.optimiser()]);
}

/** Trains on the drawn batches of the seeds, a step as soon as it has its micro-batches. */
export function train(rig: Rig, seeds: readonly number[], { accumulate = 1, lr = 1e-2 } = {}) {
  return seeds.flatMap((seed, i) => {
    rig.engine.microBatch(rig.drawn(seed));
    return (i + 1) % accumulate === 0 ? [rig.engine.step(lr).read()] : [];
  });
}

/** What was trained by some options. */
export function trained(options: RigOptions, seeds: readonly number[]): TensorMap {
  using rig = openRig(options);
  train(rig, seeds, options);
  return saved(rig);
}
