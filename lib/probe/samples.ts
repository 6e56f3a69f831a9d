/** Which images a probe learns from, and which it is judged by. */
import { DataError, type Dataset, type Split, type SplitName } from "../data/mod.ts";
import { ConfigError } from "../recipes/mod.ts";
import { permutation, random } from "../tensor/mod.ts";

/** Some samples of a split, ascending. */
export type Samples = Uint32Array<ArrayBuffer>;

/** The splits that a probe may be judged by, in order of preference. */
export const JUDGING = ["test", "val"] as const satisfies readonly SplitName[];

/**
 * The split that a probe is judged by: the one that is named, else `test`, else `val`.
 *
 * @param doing what is done with the dataset, for the error.
 * @throws {DataError} if there is none.
 *
 * @internal
 */
export function judgingSplit(
  dataset: Dataset,
  named?: SplitName,
  doing = "probe with",
): SplitName {
  if (named !== undefined) return dataset.split(named).name;
  const name = JUDGING.find((name) => dataset.has(name));
  if (name !== undefined) return name;
  throw new DataError(
    `Cannot ${doing} ${dataset.folder}: it has no test and no val split to judge by; ` +
      "prepare it with one, as --val-fraction does",
  );
}

/**
 * The labelled samples of a split.
 *
 * @param doing what is done with the dataset, for the error.
 * @throws {DataError} if there is none.
 *
 * @internal
 */
export function labelledSamples(
  { name, labels, count }: Split,
  folder: string,
  doing = "probe with",
): Samples {
  const samples = Uint32Array.from({ length: count }, (_, i) => i)
    .filter((sample) => labels[sample]! >= 0);
  if (samples.length > 0) return samples;
  throw new DataError(
    `Cannot ${doing} ${folder}: no image of its ${name} split has a label`,
  );
}

/**
 * Refuses classes that nothing can be learnt about.
 *
 * @param doing what is done with the classes, for the error.
 * @throws {DataError} that names the classes of which `samples` has no image.
 *
 * @internal
 */
export function checkEveryClass(
  { name, labels }: Pick<Split, "name" | "labels">,
  samples: Samples,
  classes: readonly string[],
  doing = "probe",
): void {
  const found = new Set<number>();
  for (const sample of samples) found.add(labels[sample]!);
  const missing = classes.filter((_, label) => !found.has(label));
  if (missing.length === 0) return;
  const SHOWN = 5;
  const more = missing.length > SHOWN ? ` and ${missing.length - SHOWN} more` : "";
  throw new DataError(
    `Cannot ${doing} ${classes.length} classes: the ${name} split has no image of ` +
      `${missing.slice(0, SHOWN).join(", ")}${more}`,
  );
}

/**
 * `perClass` of the samples of each class, drawn by the seed; ascending.
 *
 * @throws {ConfigError} if a class has fewer.
 */
export function drawPerClass(
  samples: Samples,
  options: {
    readonly labels: Int32Array;
    readonly classes: readonly string[];
    readonly perClass: number;
    readonly seed: number;
  },
): Samples {
  const { labels, classes, perClass, seed } = options;
  const drawn = byClass(samples, labels, classes.length).flatMap((own, label) => {
    if (own.length < perClass) {
      throw new ConfigError(
        `Cannot take ${perClass} labelled images of each class (--labels-per-class): ` +
          `${classes[label]} has ${own.length}`,
      );
    }
    return shuffled(own, { seed, label }).slice(0, perClass);
  });
  return Uint32Array.from(drawn).sort();
}

/**
 * Holds a share of the samples of each class out, drawn by the seed: at least one of a class of two or more.
 *
 * @throws {ConfigError} if no sample can be held out.
 *
 * @internal
 */
export function holdOut(
  samples: Samples,
  options: {
    readonly labels: Int32Array;
    readonly classes: number;
    readonly share: number;
    readonly seed: number;
  },
): { kept: Samples; held: Samples } {
  const { labels, classes, share, seed } = options;
  const held = byClass(samples, labels, classes).flatMap((own, label) => {
    const count = Math.min(own.length - 1, Math.max(1, Math.round(own.length * share)));
    return own.length < 2 ? [] : shuffled(own, { seed, label }).slice(0, count);
  });
  if (held.length === 0) {
    throw new ConfigError(
      `Cannot hold training images out to choose by: no class has two of the ${samples.length}`,
    );
  }
  const isHeld = new Set(held);
  return {
    kept: samples.filter((sample) => !isHeld.has(sample)),
    held: Uint32Array.from(held).sort(),
  };
}

function byClass(samples: Samples, labels: Int32Array, classes: number): number[][] {
  const found = Array.from({ length: classes }, (): number[] => []);
  for (const sample of samples) found[labels[sample]!]!.push(sample);
  return found;
}

/** In an order that depends on the seed and the class alone. */
function shuffled(
  samples: readonly number[],
  { seed, label }: { readonly seed: number; readonly label: number },
): number[] {
  const order = permutation(random({ seed, purpose: "split", sample: label }), samples.length);
  return [...order].map((place) => samples[place]!);
}
