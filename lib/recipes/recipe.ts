/** What a recipe is: the defaults of a run that belong together, as data. */
import type { SizeName } from "../vit/mod.ts";

/** A recipe. Its file's head says the command, the data, and what to expect. */
export interface Recipe {
  /** One line for `--help`. */
  readonly summary: string;
  /** A named encoder, or its sizes. */
  readonly encoder: SizeName | {
    readonly width: number;
    readonly depth: number;
    readonly heads: number;
  };
  /** Pixels a side of a patch. Left out: the named encoder's own. */
  readonly patch?: number;
  /** Pixels a side of what the model sees. */
  readonly imageSize: number;
  readonly decoder: { readonly width: number; readonly depth: number; readonly heads: number };
  readonly maskRatio: number;
  readonly normPixLoss: boolean;
  /** Images of one micro-batch. */
  readonly batch: number;
  /** Micro-batches of one optimiser step. */
  readonly accumulate: number;
  readonly epochs: number;
  /** Epochs of linear warm-up; a shorter run has a shorter one in proportion. */
  readonly warmupEpochs: number;
  /** Learning rate for 256 images a step. */
  readonly baseLr: number;
  readonly weightDecay: number;
  /** Largest L2 norm of the whole gradient; null is no limit. */
  readonly clipGrad: number | null;
}
