/** The search for a micro-batch: by trial, guided by what is foreseen. */
import { BATCH_STEP } from "./memory.ts";

/** A micro-batch that was tried. */
export interface BatchTrial {
  /** Images of the micro-batch that was tried. */
  readonly batch: number;
  /** Bytes that were foreseen. */
  readonly bytes: number;
  /** null if it did not fit. */
  readonly imagesPerSecond: number | null;
}

/** What is searched, and how. */
export interface BatchSearch {
  /** Least and most images of a micro-batch. */
  readonly least: number;
  readonly most: number;
  /** Bytes that may be taken. */
  readonly limit: number;
  /** Bytes that a batch should take. */
  foresee(batch: number): number;
  /** Runs steps of a batch: images a second, or null if it does not fit. */
  measure(batch: number): Promise<number | null>;
  /**
   * Gain in images/s that a batch twice as large must bring to be worth its memory; null takes the largest that fits, whatever its
   * speed.
   */
  readonly gain: number | null;
}

/** Trials between the largest power of two that fits and the next. */
const REFINEMENTS = 3;

/**
 * Tries powers of two from {@linkcode BATCH_STEP} up, until one does not fit or does not gain; without a gain to reach, also
 * multiples of {@linkcode BATCH_STEP} between the last two. A batch that is foreseen not to fit is not tried.
 *
 * @param told hears of every trial.
 * @returns the best trial; null if nothing fits.
 */
export async function searchBatch(
  search: BatchSearch,
  told: (trial: BatchTrial) => void = () => {},
): Promise<BatchTrial | null> {
  const { least, most, limit, gain } = search;
  /** A trial that fits, or null. */
  const attempt = async (batch: number): Promise<BatchTrial | null> => {
    const bytes = search.foresee(batch);
    if (bytes > limit) return null;
    const trial = { batch, bytes, imagesPerSecond: await search.measure(batch) };
    told(trial);
    return trial.imagesPerSecond === null ? null : trial;
  };

  let best: BatchTrial | null = null;
  for (let batch = BATCH_STEP; best === null && batch >= least; batch /= 2) {
    if (batch <= most) best = await attempt(batch);
  }
  if (best === null) return null;
  let [batch, tooLarge] = [2 * best.batch, most + 1];
  for (; batch <= most; batch *= 2) {
    const next = await attempt(batch);
    if (next === null) {
      tooLarge = batch;
      break;
    }
    if (gain !== null && next.imagesPerSecond! < best.imagesPerSecond! * (1 + gain)) return best;
    best = next;
  }
  for (let i = 0; gain === null && i < REFINEMENTS; i++) {
    const middle = Math.floor((best.batch + tooLarge) / 2 / BATCH_STEP) * BATCH_STEP;
    if (middle <= best.batch || middle >= tooLarge) break;
    const next = await attempt(middle);
    if (next === null) tooLarge = middle;
    else best = next;
  }
  return best;
}
