/** What a run does when a loss or a gradient is not finite. */
import { readBatch } from "../data/mod.ts";
import { DTYPES } from "../tensor/mod.ts";
import type { RunConfig } from "../recipes/mod.ts";
import type { StoredTensor } from "../checkpoint/mod.ts";
import { type DivergedBatch, DIVERGENCE, writeDivergence } from "./divergence.ts";
import type { TrainTask } from "./kind.ts";
import type { DivergedFacts } from "./loop.ts";
import { traceBatch, type TraceOptions } from "./trace.ts";

/** Whether a run ends, leaves the step out, or goes back to its last checkpoint with a lower learning rate. */
export const ON_DIVERGENCE = ["stop", "skip", "rollback"] as const;

/** One of {@linkcode ON_DIVERGENCE}. */
export type OnDivergence = (typeof ON_DIVERGENCE)[number];

/** Steps in a row that may be skipped; after more the parameters are no good, and not a batch. */
const MOST_SKIPPED = 10;

/** Attends the steps of a run that are not finite. */
export class Diverging<C extends RunConfig, F> {
  readonly #task: TrainTask<C, F>;
  readonly #trace: TraceOptions<C>;
  readonly #warning: (text: string) => void;
  #skipped = 0;
  #last = -1;

  constructor(
    task: TrainTask<C, F>,
    trace: TraceOptions<C>,
    warning: (text: string) => void,
  ) {
    this.#task = task;
    this.#trace = trace;
    this.#warning = warning;
  }

  /**
   * Writes down what the step needs to be looked at again.
   *
   * @returns whether the run is to go on without the step, and what was found, for the error's message.
   */
  diverged(facts: DivergedFacts): { readonly goOn: boolean; readonly found: string } {
    const { step } = facts;
    this.#skipped = step === this.#last + 1 ? this.#skipped + 1 : 1;
    this.#last = step;
    const goOn = this.#task.onDivergence === "skip" && this.#skipped <= MOST_SKIPPED;
    const found = this.#record(facts);
    if (goOn) this.#warning(`Step ${step} is left out: its loss is ${facts.loss}, ${found}`);
    return { goOn, found };
  }

  /** In words; a failure to write it must not hide the divergence. */
  #record(facts: DivergedFacts): string {
    const { out } = this.#task;
    try {
      const first = this.#write(facts);
      const where = `batch and parameters are in ${out}/${DIVERGENCE}`;
      return first === null ? where : `the first tensor that is not finite is "${first}"; ${where}`;
    } catch (error) {
      return `what led to it could not be written: ${(error as Error).message}`;
    }
  }

  #write({ step, epoch, lr, loss, gradNorm, lossScale, isLate }: DivergedFacts): string | null {
    const { out, config, storedSize, streams, command } = this.#task;
    const { accumulate, seed } = config;
    const batches = Array.from({ length: accumulate }, (_, i): DivergedBatch => {
      const { index, views, paths } = readBatch(streams.train, (step - 1) * accumulate + i);
      const tensors = new Map<string, StoredTensor>();
      for (const [name, { dtype, shape }] of Object.entries(streams.train.layout.fields)) {
        const values = views[name as keyof typeof views];
        const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        if (data.byteLength > 0 && dtype in DTYPES) tensors.set(name, { dtype, shape, data });
      }
      const ranges = this.#rangesOf(tensors);
      return { index, samples: [...views.samples], paths, tensors, ranges };
    });
    return writeDivergence(out, {
      command: command ?? "pretrain",
      config,
      storedSize,
      step,
      epoch,
      seed,
      lr,
      loss: finiteOrNull(loss),
      gradNorm: finiteOrNull(gradNorm),
      lossScale,
      isLate,
      batches,
      model: this.#trace.state.model(),
    });
  }

  #rangesOf(tensors: DivergedBatch["tensors"]): DivergedBatch["ranges"] {
    try {
      return traceBatch(this.#trace, tensors);
    } catch (error) {
      this.#warning(`The tensors of the step could not be looked at: ${(error as Error).message}`);
      return [];
    }
  }
}

/** JSON has no infinity. */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
