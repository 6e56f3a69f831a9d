/** Which samples a micro-batch holds: a pure function of the seed and its index, so a run resumes anywhere. */
import { permutation, random } from "../tensor/mod.ts";

/** How a split is cut into micro-batches, which are numbered through all epochs from 0. */
export interface OrderOptions {
  readonly seed: number;
  /** Samples in the split. */
  readonly count: number;
  /** Samples in a micro-batch. */
  readonly batch: number;
  /** Micro-batches in an epoch; the samples left over are dropped (others in each shuffled epoch). */
  readonly microBatchesPerEpoch: number;
  /** False keeps the split's order, the same in each epoch. */
  readonly shuffle: boolean;
}

/** The samples of one micro-batch. */
export interface Samples {
  readonly epoch: number;
  /** Indices into the split, `[B]`. */
  readonly samples: Uint32Array;
}

/** The samples 0 .. count-1 in the order of an epoch, another in each. */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  return permutation(random({ seed, purpose: "shuffle", epoch }), count);
}

/** Micro-batches that fit into an epoch when the last, incomplete one is dropped. */
export function wholeMicroBatches(count: number, batch: number): number {
  return Math.floor(count / batch);
}

/**
 * The function from a micro-batch's index to its samples. It remembers the order of one epoch, nothing else.
 *
 * @throws {RangeError} if an epoch takes more samples than there are.
 */
export function sampleOrder(options: OrderOptions): (microBatch: number) => Samples {
  const { seed, count, batch, microBatchesPerEpoch, shuffle } = options;
  if (microBatchesPerEpoch < 1 || microBatchesPerEpoch * batch > count) {
    throw new RangeError(
      `Cannot take ${microBatchesPerEpoch} micro-batches of ${batch} from ${count} samples: ` +
        `an epoch holds from 1 to ${wholeMicroBatches(count, batch)}; use a smaller batch`,
    );
  }
  const order = (epoch: number) =>
    shuffle ? epochOrder(seed, epoch, count) : Uint32Array.from({ length: count }, (_, i) => i);
  let known: Samples = { epoch: -1, samples: new Uint32Array() };
  return (microBatch) => {
    const epoch = Math.floor(microBatch / microBatchesPerEpoch);
    const index = microBatch % microBatchesPerEpoch;
    if (known.epoch !== epoch) known = { epoch, samples: order(epoch) };
    return { epoch, samples: known.samples.subarray(index * batch, (index + 1) * batch) };
  };
}
