/** Which samples a micro-batch holds: a pure function of the seed and its index, so a run resumes anywhere. */
import { permutation, random } from "../tensor/mod.ts";

/** How a split is cut into micro-batches, which are numbered through all epochs from 0. */
export interface OrderOptions {
  /** Seed of the order. */
  readonly seed: number;
  /** Samples to take from. */
  readonly count: number;
  /** Those samples as indices into the split, `[count]`; 0 .. count-1 unless given. */
  readonly samples?: Uint32Array | null;
  /** Samples in a micro-batch. */
  readonly batch: number;
  /** Micro-batches in an epoch; the samples left over are dropped (others in each shuffled epoch). */
  readonly microBatchesPerEpoch: number;
  /** True allows a last micro-batch that is incomplete: it goes on with the epoch's first samples. */
  readonly fill?: boolean;
  /** False keeps the split's order, the same in each epoch. */
  readonly shuffle: boolean;
}

/** The samples of one micro-batch. */
export interface Samples {
  /** Epoch, from 0. */
  readonly epoch: number;
  /** The micro-batch's index in its epoch. */
  readonly place: number;
  /** Indices into the split, `[B]`. */
  readonly samples: Uint32Array;
}

/**
 * The samples 0 .. count-1 in the order of an epoch, another in each.
 *
 * @example
 * ```ts
 * import { epochOrder } from "./mod.ts";
 *
 * console.assert(String(epochOrder(0, 1, 4).toSorted()) === "0,1,2,3");
 * ```
 */
export function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  return permutation(random({ seed, purpose: "shuffle", epoch }), count);
}

/**
 * Micro-batches that fit into an epoch when the last, incomplete one is dropped.
 *
 * @example
 * ```ts
 * import { wholeMicroBatches } from "./mod.ts";
 *
 * console.assert(wholeMicroBatches(10, 4) === 2);
 * ```
 */
export function wholeMicroBatches(count: number, batch: number): number {
  return Math.floor(count / batch);
}

/**
 * Micro-batches that an epoch takes when the last, incomplete one is filled up.
 *
 * @example
 * ```ts
 * import { allMicroBatches } from "./mod.ts";
 *
 * console.assert(allMicroBatches(10, 4) === 3);
 * ```
 */
export function allMicroBatches(count: number, batch: number): number {
  return Math.ceil(count / batch);
}

/**
 * The function from a micro-batch's index to its samples. It remembers the order of one epoch, nothing else.
 *
 * @throws {RangeError} if an epoch takes more samples than there are.
 *
 * @example
 * ```ts
 * import { sampleOrder } from "./mod.ts";
 *
 * const samplesOf = sampleOrder({
 *   seed: 0,
 *   count: 10,
 *   batch: 4,
 *   microBatchesPerEpoch: 2,
 *   shuffle: true,
 * });
 * const { epoch, samples } = samplesOf(2);
 * console.assert(epoch === 1 && samples.length === 4);
 * ```
 */
export function sampleOrder(options: OrderOptions): (microBatch: number) => Samples {
  const { seed, count, batch, microBatchesPerEpoch, shuffle, samples = null, fill } = options;
  const most = fill ? allMicroBatches(count, batch) : wholeMicroBatches(count, batch);
  if (microBatchesPerEpoch < 1 || microBatchesPerEpoch > most) {
    throw new RangeError(
      `Cannot take ${microBatchesPerEpoch} micro-batches of ${batch} from ${count} samples: ` +
        `an epoch holds from 1 to ${most}; use a smaller batch`,
    );
  }
  const length = Math.max(count, fill ? microBatchesPerEpoch * batch : 0);
  const order = (epoch: number) => {
    const shuffled = shuffle ? epochOrder(seed, epoch, count) : null;
    return Uint32Array.from({ length }, (_, i) => {
      const place = shuffled ? shuffled[i % count]! : i % count;
      return samples ? samples[place]! : place;
    });
  };
  let known = { epoch: -1, samples: new Uint32Array() };
  return (microBatch) => {
    const epoch = Math.floor(microBatch / microBatchesPerEpoch);
    const place = microBatch % microBatchesPerEpoch;
    if (known.epoch !== epoch) known = { epoch, samples: order(epoch) };
    const samples = known.samples.subarray(place * batch, (place + 1) * batch);
    return { epoch, place, samples };
  };
}
