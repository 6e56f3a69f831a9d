/** A kind of training: what it adds to what all trainings have in common. */
import type { CheckpointPlace } from "../checkpoint/mod.ts";
import type { Loader } from "../data/mod.ts";
import type { DeviceContext, SessionOptions } from "../runtime/mod.ts";
import type { RunConfig } from "../recipes/mod.ts";
import type { OnDivergence } from "./diverging.ts";
import type { Engine } from "./engine.ts";
import type { Keeping } from "./keeping.ts";
import type { Figures } from "./metrics.ts";
import type { ModelSpec } from "./model_spec.ts";
import type { Rollback } from "./rollbacks.ts";
import type { TensorMap } from "./state.ts";
import type { Streams } from "./streams.ts";

/** A run that is ready to be trained. Can be posted to another thread. */
export interface TrainTask<C extends RunConfig, F> {
  readonly out: string;
  readonly config: C;
  /** The checkpoint to go on from; null starts anew. */
  readonly from: CheckpointPlace | null;
  /** The command that made the run; `pretrain` unless given. */
  readonly command?: string;
  /** What happens when a step is not finite; the run ends unless given. */
  readonly onDivergence?: OnDivergence;
  /** Where the run went back to a checkpoint before. */
  readonly rollbacks?: readonly Rollback[];
  /** When checkpoints are written for the time, and which stay; only scheduled ones, all of them, unless given. */
  readonly keeping?: Keeping;
  readonly streams: Streams;
  /** Pixels of a side of the stored images. */
  readonly storedSize: number;
  /** What this kind depends on in the dataset. */
  readonly facts: F;
  /** Whether to fail if a GPU's provider leaves more than scalars and shapes to the host. */
  readonly strictDevice: boolean;
  /** Why the configuration's device was taken, in one line. */
  readonly deviceReason: string;
  /** Steps of a dry run: they are trained and told of, and nothing is written. To the end unless given. */
  readonly trial?: number;
}

/** A run whose engine is open. */
export interface OpenedRun<C extends RunConfig, F> {
  readonly context: DeviceContext;
  readonly session: SessionOptions;
  readonly engine: Engine;
  readonly task: TrainTask<C, F>;
  /** The task's streams by name. */
  readonly loaders: Readonly<Record<string, Loader>>;
  warning(text: string): void;
}

/** What a kind does while it trains. */
export interface Attending extends Disposable {
  /** What is told at the start beside what all kinds tell, and kept for the outcome. */
  readonly start: Readonly<Record<string, number>>;
  /** What the present parameters come to on held-out images. */
  evaluate(): Figures;
  /** The tensors of `model.safetensors`. */
  model(): TensorMap;
  /** The model that is worth keeping if an evaluation was better than all before; none are kept unless given. */
  readonly best?: {
    /** What is compared, larger being better; null is never best. */
    figure(epoch: Figures): number | null;
    model(): TensorMap;
  };
  /** What a finished run ends with, given the best evaluation's step and model; nothing unless given. */
  finish?(best: { readonly step: number; readonly model: TensorMap } | null): Figures;
}

/** A kind of training. `F` is what it depends on in a dataset. */
export interface TrainingKind<C extends RunConfig, F> {
  readonly model: ModelSpec<C>;
  /** Names of a step's figures, `loss` among them. */
  readonly figures: readonly string[];
  /** Gives a new run's state its first values where they are not drawn; called after they are. */
  start?(engine: Engine, config: C): void;
  /** Begins to attend a run whose state is set. */
  attend(run: OpenedRun<C, F>): Attending;
}
