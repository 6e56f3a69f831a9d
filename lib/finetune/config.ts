/** What a fine-tuning run is once every default is filled in. */
import type { AugmentOptions, CropOptions, MixOptions } from "../data/mod.ts";
import type { RunConfig } from "../recipes/mod.ts";
import type { ClassifierConfig } from "./classifier.ts";
import type { FinetuneOptions } from "./options.ts";
import type { FinetuneRecipeName } from "./recipes.ts";

/** A run with nothing left to decide. Plain JSON; what `config.json` holds. */
export interface FinetuneConfig extends RunConfig, ClassifierConfig {
  /** The recipe that the defaults are of. */
  readonly recipe: FinetuneRecipeName;
  /** What random crops may be. */
  readonly crop: CropOptions;
  /** What data workers do to training images; null leaves crop and flip to the graph. */
  readonly augment: AugmentOptions | null;
  /** How batches are mixed; null: not at all. */
  readonly mix: MixOptions | null;
  /** Share of a label that all classes share, in [0, 1). */
  readonly labelSmoothing: number;
  /** Rate of the last block. */
  readonly dropPath: number;
  /** Factor of the learning rate from one layer to the one below. */
  readonly layerDecay: number;
  /** Decay of the moving average of the parameters that is judged; null keeps none. */
  readonly ema: number | null;
  /** What says which epoch was best. */
  readonly validation: Validation;
  /** The split that judges the best model at the end; null if there is none beside what chose it. */
  readonly test: "test" | null;
  /** Images that are learnt from. */
  readonly trainCount: number;
  /** What it starts from: the path as it was given, and the SHA-256 of the file, null for random weights. */
  readonly initial: { readonly checkpoint: string; readonly sha256: string | null };
  /** The options that it came from, for who goes on. */
  readonly given: FinetuneOptions;
}

/** Images that are not trained on: those of `val`, or a share of `train` drawn by the run's seed. */
export type Validation =
  | { readonly split: "val" }
  | { readonly split: "train"; readonly share: number };
