/** What is appended must be packed as the dataset was, and not be in it. */
import { DataError } from "./error.ts";
import type { Manifest } from "./manifest.ts";
import { PathSet } from "./path_set.ts";
import type { PrepareOptions } from "./prepare_options.ts";
import { type Resampling, RESAMPLINGS } from "./resample.ts";
import type { Scan } from "./scan.ts";
import type { BaseSplits } from "./write_indices.ts";

/** How `decoder.resize` of a manifest names what is not called as the option is. */
const RESIZES: Readonly<Record<string, Resampling>> = { cubic: "bicubic", lanczos3: "lanczos" };

/** Options that a dataset has decided. */
type Decided = Required<Pick<PrepareOptions, "size" | "fit" | "resample" | "store" | "enlarge">> & {
  readonly quality?: number;
};

/**
 * The options with what the dataset has decided.
 *
 * @throws {DataError} if an option says something else.
 */
export function optionsFor(
  dataset: string,
  manifest: Manifest,
  options: PrepareOptions,
): PrepareOptions {
  const decided = decidedBy(manifest);
  for (const [name, value] of Object.entries(decided)) {
    const given = options[name as keyof Decided];
    if (given === undefined || given === value) continue;
    if (name === "enlarge" && given === false) continue; // it is not said, and that is the default
    throw new DataError(
      `Cannot append to ${dataset} with ${name} ${given}: it was prepared with ${value}`,
    );
  }
  return { ...options, ...decided };
}

function decidedBy({ size, fit, enlarged, store, decoder: { resize } }: Manifest): Decided {
  const resample = RESIZES[resize] ?? RESAMPLINGS.find((name) => name === resize) ?? "bicubic";
  return {
    size,
    fit,
    resample,
    enlarge: enlarged,
    store: store.kind,
    ...(store.kind === "jpeg" ? { quality: store.quality } : {}),
  };
}

/** @throws {DataError} if an image's path is that of one in the dataset. */
export function refuseTwice(target: string, splits: BaseSplits, { candidates }: Scan): void {
  const known = new PathSet();
  for (const { index } of splits.values()) {
    for (let i = 0; i < index.count; i++) known.add(index.path(i));
  }
  for (let i = 0; i < candidates.length; i++) {
    const path = candidates.path(i);
    if (known.find(path) === undefined) continue;
    throw new DataError(
      `Cannot append ${path} to ${target}: it has an image of that path; it may have been appended before`,
    );
  }
}
