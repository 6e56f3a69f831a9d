/** A kind of model as training sees it: parameters, graphs, and what they read of a batch. */
import type { Parameter } from "../nn/mod.ts";
import type { Lowering } from "../lower/mod.ts";
import type { BatchSizes } from "../data/mod.ts";
import type { Recompute, RunConfig } from "../recipes/mod.ts";
import type { BatchConfig, EmittedGraph } from "./graphs/emitted.ts";
import type { GroupOf } from "./layout.ts";

/** What a model is made of, given its configuration. */
export interface ModelSpec<C extends RunConfig> {
  /** What is trained. */
  parameters(config: C): readonly Parameter[];
  /** What is read and stays as it is; nothing unless given. */
  frozen?(config: C): readonly Parameter[];
  /** State that no gradient reaches. */
  buffers(config: C): readonly Parameter[];
  /** See {@linkcode EngineOptions.groupOf}. */
  groupOf?(config: C): GroupOf;
  /** Decay of a moving average of the parameters; null, as if left out, keeps none. */
  averageDecay?(config: C): number | null;
  gradient(
    config: C,
    sizes: BatchConfig,
    options: {
      readonly lower?: Lowering | null;
      readonly recompute?: Recompute;
      /** Also give the result of every named part. */
      readonly trace?: boolean;
    },
  ): EmittedGraph;
  evaluation(
    config: C,
    sizes: BatchConfig,
    options: { readonly lower?: Lowering | null },
  ): EmittedGraph;
  /** What a batch holds beside images, boxes and flips. */
  fields(config: C): Omit<BatchSizes, "batch" | "size">;
  /** Fewest images of a micro-batch. */
  leastBatch(config: C): number;
}
