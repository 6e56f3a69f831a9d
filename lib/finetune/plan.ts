/** How a run of fine-tuning is planned. */
import {
  configWithBatch,
  type PlannedRun,
  planRun,
  type RunKind,
  type RunPlan,
} from "../train/mod.ts";
import type { FinetuneConfig } from "./config.ts";
import type { FinetuneObserver, FinetuneRequest } from "./finetune.ts";
import type { FinetuneTaskFacts } from "./finetune_job.ts";
import { CLASSIFIER } from "./model.ts";
import type { FinetuneOptions } from "./options.ts";
import { resolveFinetune } from "./resolve.ts";
import { parseFinetuneConfig, resumeFinetune, savedOptions } from "./saved_config.ts";
import { planStreams, readSize } from "./streams.ts";
import { type FinetuneSubject, openSubject } from "./subject.ts";
import { WORKER } from "./worker.ts";

/** Runs of fine-tuning. */
export const FINETUNE_RUNS: RunKind<FinetuneConfig> = {
  command: "finetune",
  worker: WORKER,
  model: CLASSIFIER,
  parse: parseFinetuneConfig,
};

/** What a run is planned with beside its request. */
export interface Planning {
  readonly observer: FinetuneObserver;
  readonly signal: AbortSignal | undefined;
  /** Whether nothing is made. */
  readonly dry: boolean;
}

/** A planned run, and what it is of. */
export interface PlannedFinetune {
  readonly planned: PlannedRun<FinetuneConfig, FinetuneTaskFacts>;
  readonly subject: FinetuneSubject;
}

/** Opens and checks everything, and makes the run's folder if it is a new run: see {@linkcode planRun}. */
export async function planFinetune(
  given: FinetuneRequest,
  { observer, signal, dry }: Planning,
): Promise<PlannedFinetune> {
  const { checkpoint, data, out, resume } = given;
  const saved = resume ? savedOptions(out) : null;
  const options = { ...saved, ...definedOf(given.options) };
  const warning = (text: string) => observer.warning?.(text);
  const subject = openSubject(checkpoint, data, options, {
    warning,
    weights: (match) => observer.weights?.(match),
  });
  const plan = planOf(data, subject, { observer, signal });
  return { planned: await planRun({ ...given, options }, plan, warning, { dry }), subject };
}

/** How a run on a subject is planned. */
export function planOf(
  data: string,
  subject: FinetuneSubject,
  { observer, signal }: Partial<Planning> = {},
): RunPlan<FinetuneConfig, FinetuneTaskFacts, FinetuneOptions> {
  const { facts } = subject;
  return {
    kind: FINETUNE_RUNS,
    resume(saved, options) {
      const batch = options.batch === "auto" ? saved.batch : options.batch;
      const { recipe } = saved; // what was chosen then, unless another is asked for
      return resumeFinetune(saved, resolveFinetune({ recipe, ...options, batch }, facts));
    },
    resolve: (options) =>
      configWithBatch(FINETUNE_RUNS, options.batch, {
        configFor: (batch) => resolveFinetune({ ...options, batch }, facts),
        accumulate: options.accumulate,
        trainCount: facts.trainCount,
        storedSize: (config) => readSize(config, facts),
        told: (trial) => observer?.trial?.(trial),
        signal,
      }),
    streams: (config, reading) => planStreams(data, { config, subject }, reading),
  };
}

/** The options that are given. */
function definedOf(options: FinetuneOptions): FinetuneOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
