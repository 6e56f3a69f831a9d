/** Probing by training on augmented images, as the main thread sees it. */
import { evaluationCrop, planLoader } from "../data/mod.ts";
import {
  configWithBatch,
  finishRun,
  type PlannedRun,
  planRun,
  planTraining,
  type ReadingOptions,
  type RunDryRun,
  type RunKind,
  type RunPlan,
  type RunStart,
  tryRun,
  workersOf,
} from "../train/mod.ts";
import type { SeedOutcome } from "./feature_job.ts";
import { LINEAR_PROBE } from "./linear.ts";
import type { LinearFacts, LinearOutcome } from "./linear_job.ts";
import type { LinearConfig, ProbeOptions } from "./options.ts";
import type { Done, Work } from "./probe.ts";
import { showProtocol } from "./report.ts";
import { resolveLinear } from "./resolve.ts";
import { parseLinearConfig, resumeLinear, seedFolder } from "./saved_config.ts";
import { WORKER } from "./worker.ts";

/** Runs of probes that train. */
export const PROBE_RUNS: RunKind<LinearConfig> = {
  command: "probe",
  worker: WORKER,
  model: LINEAR_PROBE,
  parse: parseLinearConfig,
};

/** Trains a run for each seed, in a folder of its own if there are several, and judges each once. */
export async function trainProbe(work: Work): Promise<Done> {
  const seeds = work.request.options.seeds ?? [0];
  const outcomes: SeedOutcome[] = [];
  let first: Omit<Done<LinearConfig>, "outcomes"> | null = null;
  for (const seed of seeds) {
    const out = seeds.length > 1 ? seedFolder(work.request.out, seed) : work.request.out;
    if (seeds.length > 1) work.observer.seed?.(seed);
    const { outcome, ...done } = await trainSeed(withBatchOf(first?.config, work), { seed, out });
    outcomes.push(outcome);
    first ??= done;
  }
  return { outcomes, ...first! };
}

/** A batch that was found for one seed is that of all: else their spread would be of batches, too. */
function withBatchOf(config: LinearConfig | undefined, work: Work): Work {
  const { request } = work;
  if (config === undefined || request.options.batch !== "auto") return work;
  return { ...work, request: { ...request, options: { ...request.options, batch: config.batch } } };
}

/** Known before the first step of a probe that trains. */
export interface ProbeRunStart extends RunStart<LinearConfig> {
  /** Images to learn from. */
  readonly trainCount: number;
  /** Images that judge. */
  readonly judgeCount: number;
}

/**
 * Says what training the first seed would be; writes nothing.
 *
 * @param how.replaces whether what is there would be removed first.
 */
export async function tryTraining(
  work: Work,
  { replaces }: { readonly replaces: boolean },
): Promise<RunDryRun<ProbeRunStart>> {
  const { request: { options, out }, observer, signal } = work;
  const { seeds = [0] } = options;
  const [seed = 0] = seeds;
  const own = seeds.length > 1 ? seedFolder(out, seed) : out;
  const planned = await planSeed(work, { seed, out: own }, { dry: true, replaces });
  const warning = (text: string) => observer.warning?.(text);
  return await tryRun<ProbeRunStart>(planned, { signal, warning });
}

/** A seed's run. */
interface SeedRun {
  readonly seed: number;
  readonly out: string;
}

function planSeed(
  { request, subject, observer, signal }: Work,
  { seed, out }: SeedRun,
  how: { readonly dry: boolean; readonly replaces?: boolean },
): Promise<PlannedRun<LinearConfig, LinearFacts>> {
  const { checkpoint: _, force: __, ...given } = request;
  const facts = {
    encoder: subject.encoderOf(seed),
    trainCount: subject.samplesOf(seed).length,
    classes: subject.classes.length,
    split: subject.split,
    seed,
  };
  const plan: RunPlan<LinearConfig, LinearFacts, ProbeOptions> = {
    kind: PROBE_RUNS,
    resume(saved, now) {
      const batch = now.batch === "auto" ? saved.batch : now.batch;
      return resumeLinear(saved, resolveLinear({ ...now, batch }, facts));
    },
    resolve: (now) =>
      configWithBatch(PROBE_RUNS, now.batch, {
        configFor: (batch) => resolveLinear({ ...now, batch }, facts),
        accumulate: now.accumulate,
        trainCount: facts.trainCount,
        storedSize: () => subject.storedSize,
        told: (trial) => observer.trial?.(trial),
        signal,
      }),
    streams: (config, reading) => streamsOf({ request, subject }, config, reading),
  };
  const warning = (text: string) => observer.warning?.(text);
  return planRun({ ...given, out, resume: given.resume ?? false }, plan, warning, how);
}

async function trainSeed(
  work: Work,
  run: SeedRun,
): Promise<Omit<Done<LinearConfig>, "outcomes"> & { readonly outcome: SeedOutcome }> {
  const { subject, observer, signal } = work;
  const { seed } = run;
  const samples = subject.samplesOf(seed);
  const planned = await planSeed(work, run, { dry: false });
  const { config, deviceReason: device } = planned.task;
  observer.start?.({
    protocol: showProtocol(config),
    encoder: subject.encoderOf(seed).origin,
    config,
    device,
    trainCount: samples.length,
    judgeCount: subject.judge.samples.length,
    classes: subject.classes.length,
  });
  // What tells of the run's start is told already
  const { start: _, ...told } = observer;
  const { metrics } = await finishRun<LinearOutcome>(planned, { observer: told, signal });
  const outcome = { seed, trainCount: samples.length, metrics: metrics!, chosen: null };
  return { outcome, config, device };
}

function streamsOf(
  { request: { data }, subject }: Pick<Work, "request" | "subject">,
  config: LinearConfig,
  reading: ReadingOptions,
) {
  const { storedSize, judge, split } = subject;
  const { batch, seed, model, crop } = config;
  const samples = subject.samplesOf(seed);
  return {
    storedSize,
    facts: {
      encoder: subject.encoderOf(seed),
      labels: Int32Array.from(judge.samples, (sample) => judge.labels[sample]!),
    },
    streams: {
      train: planTraining(
        config,
        { dataset: data, samples, tokens: 0, labels: true, crop },
        reading,
      ),
      judge: planLoader({
        ...workersOf(reading),
        dataset: data,
        split,
        samples: judge.samples,
        batch,
        fill: true,
        shuffle: false,
        seed: 0,
        tokens: 0,
        labels: true,
        crop: evaluationCrop(model.imageSize, storedSize),
        slots: 2,
      }),
    },
  };
}
