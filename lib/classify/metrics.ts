/** How well images were told apart: accuracies and the confusion matrix. */
import { showShape } from "../tensor/mod.ts";
import { wilsonInterval } from "./wilson.ts";

/** Figures of a classification. Shares are in [0, 1]. */
export interface ClassificationMetrics {
  /** Images that were classified. */
  readonly images: number;
  /** Share of the images whose class scored highest. */
  readonly top1: number;
  /** Wilson's 95% interval of `top1`. */
  readonly interval: readonly [number, number];
  /** Share of the images whose class is among the five that scored highest; null where there are no more than five. */
  readonly top5: number | null;
  /** `top1` of the images of each class; null for a class without any. */
  readonly perClass: readonly (number | null)[];
  /** Mean of `perClass`, over the classes that have images. */
  readonly meanPerClass: number;
  /** Images of class `i` that were taken for class `j`, `[C][C]`. */
  readonly confusion: readonly (readonly number[])[];
}

/** Places among which the class of an image counts as found. */
const PLACES = 5;

/**
 * Counts classified images, batch by batch.
 *
 * @example
 * ```ts
 * import { ClassificationTally } from "./metrics.ts";
 * const tally = new ClassificationTally(2);
 * tally.add(Float32Array.of(0.9, 0.1, 0.8, 0.2), [0, 1]);
 * console.assert(tally.metrics().top1 === 0.5);
 * ```
 */
export class ClassificationTally {
  readonly #classes: number;
  /** Row: the image's class; column: the class that it was taken for. */
  readonly #confusion: Float64Array;
  #images = 0;
  #inPlaces = 0;

  /** @throws {RangeError} if there is no class. */
  constructor(classes: number) {
    if (!Number.isSafeInteger(classes) || classes < 1) {
      throw new RangeError(`Cannot count ${classes} classes: there must be at least one`);
    }
    this.#classes = classes;
    this.#confusion = new Float64Array(classes * classes);
  }

  /**
   * Counts a batch. Of equal scores the lower class comes first.
   *
   * @param scores `[N, C]` in row-major order: logits, votes or probabilities; more is better. Rows beyond the labels are not looked
   * at, so that the filling of an incomplete batch does not count.
   * @param labels class of each image, in [0, C).
   * @throws {TypeError} if there are fewer scores than labels want.
   * @throws {RangeError} if a label is none of the classes, or a score is not a number.
   */
  add(scores: Float32Array, labels: ArrayLike<number>): void {
    const C = this.#classes;
    if (scores.length < labels.length * C) {
      throw new TypeError(
        `Cannot count ${scores.length} scores as ${
          showShape([labels.length, C])
        }: they are too few`,
      );
    }
    for (let n = 0; n < labels.length; n++) {
      const label = labels[n]!;
      if (!Number.isInteger(label) || label < 0 || label >= C) {
        throw new RangeError(`Cannot count class ${label}: there are ${C}`);
      }
      const { best, place } = rank(scores.subarray(n * C, (n + 1) * C), label);
      this.#images++;
      this.#confusion[label * C + best]!++;
      if (place < PLACES) this.#inPlaces++;
    }
  }

  /** What was counted so far. @throws {RangeError} if that is no image. */
  metrics(): ClassificationMetrics {
    if (this.#images === 0) throw new RangeError("Cannot say how accurate no images are");
    const C = this.#classes;
    const images = this.#images;
    const confusion = Array.from(
      { length: C },
      (_, i) => [...this.#confusion.subarray(i * C, (i + 1) * C)],
    );
    const correct = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
    const perClass = confusion.map((row, i) => {
      const count = row.reduce((sum, x) => sum + x, 0);
      return count === 0 ? null : row[i]! / count;
    });
    const present = perClass.filter((share) => share !== null);
    return {
      images,
      top1: correct / images,
      interval: wilsonInterval(correct, images),
      top5: C > PLACES ? this.#inPlaces / images : null,
      perClass,
      meanPerClass: present.reduce((sum, share) => sum + share, 0) / present.length,
      confusion,
    };
  }
}

/** The class that scored highest, and how many come before `label`. */
function rank(scores: Float32Array, label: number): { best: number; place: number } {
  const own = scores[label]!;
  let best = 0;
  let place = 0;
  for (let c = 0; c < scores.length; c++) {
    const score = scores[c]!;
    if (Number.isNaN(score)) throw new RangeError(`Cannot rank classes: class ${c} scored NaN`);
    if (score > scores[best]!) best = c;
    if (score > own || (score === own && c < label)) place++;
  }
  return { best, place };
}
