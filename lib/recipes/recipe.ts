/** What a recipe is: the defaults of a run that belong together, as data. */
import type { SizeName } from "../vit/mod.ts";

/** A figure of a recipe's guide, and who says so. */
export interface Claim {
  readonly text: string;
  /**
   * `measured`: by us, in docs/results.md; `extrapolated` from a rate measured there; `paper`: by the authors, on their
   * hardware; `unknown`: nobody has, and the text says no figure.
   */
  readonly source: "measured" | "extrapolated" | "paper" | "unknown";
}

/** What to know before a run of hours is started. */
export interface RecipeGuide {
  /** How to pack the data it is for. */
  readonly data: string;
  readonly command: string;
  readonly hardware: string;
  readonly time: Claim;
  readonly expect: Claim;
  /** In what a run differs from what a reader may take it for. */
  readonly note?: string;
}

/** A recipe. */
export interface Recipe {
  /** One line for `--help`. */
  readonly summary: string;
  readonly guide: RecipeGuide;
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
