/** What is appended must be packed as the dataset was. */
import { DataError } from "./error.ts";
import type { Manifest } from "./manifest.ts";
import type { PrepareOptions } from "./prepare_options.ts";
import { type Resampling, RESAMPLINGS } from "./resample.ts";

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
