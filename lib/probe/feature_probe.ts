/** Probing by features that are taken once, as the main thread sees it. */
import { evaluationCrop, type LoaderOptions, planLoader } from "../data/mod.ts";
import type { DeviceOption } from "../recipes/mod.ts";
import { chooseDevice, showDevice } from "../runtime/mod.ts";
import { InterruptedError, postJob, startStreams, workersOf } from "../train/mod.ts";
import type { ChosenRate, FeatureTask, SeedOutcome } from "./feature_job.ts";
import type { CachedConfig, KnnConfig } from "./options.ts";
import type { Samples } from "./samples.ts";
import type { Done, Work } from "./probe.ts";
import { showProtocol } from "./report.ts";
import { type ProbeFacts, resolveCached, resolveKnn } from "./resolve.ts";
import { WORKER } from "./worker.ts";

/** Probes by nearest neighbours or by linear layers on cached features. */
export async function useFeatures(work: Work, form: "knn" | "cached"): Promise<Done> {
  const { request: { options }, subject, observer, signal } = work;
  const { device, reason } = chooseDevice(options.device ?? "auto");
  const settled = { ...options, device: showDevice(device) as DeviceOption };
  const seeds = options.seeds ?? [0];
  const facts: ProbeFacts = {
    encoder: subject.encoderOf(seeds[0]!),
    trainCount: subject.samplesOf(seeds[0]!).length,
    classes: subject.classes.length,
    split: subject.split,
  };
  const config = form === "knn" ? resolveKnn(settled, facts) : resolveCached(settled, facts);
  observer.start?.({
    protocol: showProtocol(config),
    encoder: facts.encoder.origin,
    config,
    device: reason,
    trainCount: facts.trainCount,
    judgeCount: subject.judge.samples.length,
    classes: facts.classes,
  });
  // A random encoder is another for each seed
  const groups = facts.encoder.origin.seed === null ? [seeds] : seeds.map((seed) => [seed]);
  const outcomes: SeedOutcome[] = [];
  for (const group of groups) {
    if (groups.length > 1) observer.seed?.(group[0]!);
    const task = taskOf(work, config, group);
    using _workers = await startStreams(task.streams);
    const posted = { job: "features", task };
    const found = await postJob<FeatureTask, readonly SeedOutcome[] | null>(WORKER, posted, {
      observer,
      signal,
    });
    if (found === null) throw new InterruptedError("Stopped before the probe was done");
    outcomes.push(...found);
  }
  for (const { seed, chosen } of outcomes) {
    const end = chosen && endOfRange(chosen);
    if (end) {
      observer.warning?.(
        `The best learning rate of seed ${seed} is the ${end} of those tried: others might do better (--base-lrs)`,
      );
    }
  }
  return { outcomes, config, device: reason };
}

/** Which end of the learning rates that were tried the best one lies at, if it does. */
function endOfRange({ lr, heldOut }: ChosenRate): "lowest" | "highest" | null {
  if (heldOut.length === 1) return null;
  if (lr === heldOut[0]!.lr) return "lowest";
  return lr === heldOut.at(-1)!.lr ? "highest" : null;
}

/** What the seeds of a group, which share an encoder, are worked out from. */
function taskOf(
  { request, subject }: Work,
  config: KnnConfig | CachedConfig,
  seeds: readonly number[],
): FeatureTask {
  const { data, strictDevice = true } = request;
  const { classes, storedSize, split, train, judge } = subject;
  const chosen = seeds.map((seed) => ({ seed, samples: subject.samplesOf(seed) }));
  const all = union(chosen.map(({ samples }) => samples));
  const rowOf = new Map(Array.from(all, (sample, row) => [sample, row]));
  const reading: Omit<LoaderOptions, "split" | "samples"> = {
    ...workersOf(request),
    dataset: data,
    batch: config.batch,
    fill: true,
    shuffle: false,
    seed: 0,
    tokens: 0,
    crop: evaluationCrop(config.model.imageSize, storedSize),
  };
  const labelsOf = (samples: Samples, labels: Int32Array) =>
    Int32Array.from(samples, (sample) => labels[sample]!);
  return {
    config,
    encoder: subject.encoderOf(seeds[0]!),
    classes: classes.length,
    streams: {
      train: planLoader({ ...reading, split: "train", samples: all }),
      judge: planLoader({ ...reading, split, samples: judge.samples }),
    },
    storedSize,
    labels: { train: labelsOf(all, train.labels), judge: labelsOf(judge.samples, judge.labels) },
    seeds: chosen.map(({ seed, samples }) => {
      return { seed, rows: samples.map((sample) => rowOf.get(sample)!) };
    }),
    strictDevice,
  };
}

/** All samples of some lists, each once, ascending. */
function union(lists: readonly Samples[]): Samples {
  if (lists.length === 1) return lists[0]!;
  return Uint32Array.from(new Set(lists.flatMap((samples) => [...samples]))).sort();
}
