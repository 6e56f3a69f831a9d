/** Options -> configuration of a probe. */
import type { CropOptions } from "../data/mod.ts";
import type { EncoderWeights, FeatureKind } from "../features/mod.ts";
import type { Optimiser } from "../optim/mod.ts";
import { ConfigError, durationSteps, resolveComputing, resolveSchedule } from "../recipes/mod.ts";
import type {
  CachedConfig,
  JudgingSplit,
  KnnConfig,
  LinearConfig,
  ProbeOptimiser,
  ProbeOptions,
} from "./options.ts";

/** What a probe's defaults depend on. */
export interface ProbeFacts {
  readonly encoder: Pick<EncoderWeights, "config" | "pooledNorm" | "origin">;
  /** Labelled images to learn from. */
  readonly trainCount: number;
  readonly classes: number;
  readonly split: JudgingSplit;
}

/** Pool and layers: CLS of the last block, unless the model has only been taught the mean of its patches. */
export function resolveFeatures(
  { pool, layers }: Pick<ProbeOptions, "pool" | "layers">,
  { pooledNorm }: Pick<EncoderWeights, "pooledNorm">,
): FeatureKind {
  return { pool: pool ?? (pooledNorm ? "mean" : "cls"), layers: layers ?? "last" };
}

/** Defaults of training a head, by optimiser: MAE's with LARS; AdamW is for small data. */
const RECIPES: {
  readonly [K in ProbeOptimiser]: { readonly optimiser: Optimiser; readonly baseLr: number };
} = {
  lars: { optimiser: { kind: "lars", momentum: 0.9, trust: 0.001 }, baseLr: 0.1 },
  adamw: { optimiser: { kind: "adamw", betas: [0.9, 0.999], eps: 1e-8 }, baseLr: 1e-3 },
};

/** Learning rates for 256 images a step that are tried on cached features. */
const BASE_LRS: { readonly [K in ProbeOptimiser]: readonly number[] } = {
  lars: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
  adamw: [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2],
};

/** Those of an optimiser, ascending. */
export function baseLrsOf(optimiser: ProbeOptimiser): readonly number[] {
  return BASE_LRS[optimiser];
}

const EPOCHS = { epochs: 90, warmupEpochs: 10 } as const;
/** Images that an encoder sees at a time, and images of a step on cached features. */
const BATCH = { encoder: 128, cached: 1024 } as const;
/** Most images of a step by default, as MAE has them. */
const STEP_IMAGES = 16384;
/** Steps of an epoch that small data should at least have. */
const STEPS_PER_EPOCH = 16;
/** Weight decay of trained blocks. */
const PARTIAL_DECAY = 0.05;
const CROP: CropOptions = { scale: [0.08, 1], ratio: [3 / 4, 4 / 3], once: true };

/** What all forms have. */
function common(options: ProbeOptions, { encoder, split }: ProbeFacts) {
  return {
    features: resolveFeatures(options, encoder),
    split,
    labelsPerClass: options.labelsPerClass ?? null,
    model: encoder.config,
    ...resolveComputing(options),
  };
}

/** The configuration of nearest neighbours. @throws {ConfigError} if there are fewer images than neighbours. */
export function resolveKnn(options: ProbeOptions, facts: ProbeFacts): KnnConfig {
  const { k = 20, temperature = 0.07 } = options;
  const seeds = options.seeds ?? [0];
  if (k > facts.trainCount) {
    throw new ConfigError(
      `Cannot ask ${k} neighbours (--k): there are ${facts.trainCount} labelled training images`,
    );
  }
  const isDrawn = options.labelsPerClass !== undefined || facts.encoder.origin.seed !== null;
  if (seeds.length > 1 && !isDrawn) {
    throw new ConfigError(
      "Cannot take several --seeds with --kind knn: without --labels-per-class nothing is drawn",
    );
  }
  const batch = Math.min(numberOf(options.batch) ?? BATCH.encoder, facts.trainCount);
  return { kind: "knn", ...common(options, facts), seeds, batch, k, temperature };
}

/** The configuration of a linear probe on cached features. @throws {ConfigError} if options contradict each other. */
export function resolveCached(options: ProbeOptions, facts: ProbeFacts): CachedConfig {
  const { trainCount } = facts;
  const name = options.optimiser ?? "lars";
  const epochs = options.epochs ?? EPOCHS.epochs;
  const warmupEpochs = options.warmup === undefined
    ? Math.min(EPOCHS.warmupEpochs, Math.round(epochs * EPOCHS.warmupEpochs / EPOCHS.epochs))
    : durationSteps(options.warmup, { unit: "epochs", stepsPerEpoch: 1 });
  if (warmupEpochs >= epochs || options.warmup?.unit === "steps") {
    throw new ConfigError(
      `Cannot warm up for ${options.warmup?.count} ${
        options.warmup?.unit ?? "epochs"
      } (--warmup): ` +
        `with --cache it is in epochs, and the run has ${epochs}`,
    );
  }
  const stepImages = Math.min(numberOf(options.batch) ?? BATCH.cached, trainCount);
  if (stepImages < 2) throw tooFew(stepImages);
  const baseLrs = [...options.baseLrs ?? BASE_LRS[name]].sort((a, b) => a - b);
  return {
    kind: "cached",
    ...common(options, facts),
    seeds: options.seeds ?? [0],
    batch: Math.min(BATCH.encoder, trainCount),
    optimiser: RECIPES[name].optimiser,
    weightDecay: options.weightDecay ?? 0,
    epochs,
    warmupEpochs,
    stepImages,
    lrs: baseLrs.map((baseLr) => baseLr * stepImages / 256),
    holdOut: options.holdOut ?? 0.1,
  };
}

/** The configuration of training on augmented images, for one seed. @throws {ConfigError} if it cannot be. */
export function resolveLinear(
  options: ProbeOptions,
  facts: ProbeFacts & { readonly seed: number },
): LinearConfig {
  const { encoder, trainCount, classes, seed } = facts;
  const kind = options.kind === "partial" ? "partial" : "linear";
  const blocks = kind === "partial" ? options.blocks ?? 1 : 0;
  const { depth } = encoder.config;
  if (blocks > depth) {
    throw new ConfigError(`Cannot train the last ${blocks} blocks (--blocks): there are ${depth}`);
  }
  const optimiser = RECIPES[options.optimiser ?? (kind === "partial" ? "adamw" : "lars")];
  const batch = numberOf(options.batch) ?? Math.min(BATCH.encoder, trainCount);
  if (batch < 2) throw tooFew(batch);
  const most = Math.max(batch, Math.min(STEP_IMAGES, Math.floor(trainCount / STEPS_PER_EPOCH)));
  const accumulate = options.accumulate ?? Math.max(1, Math.floor(most / batch));
  const { schedule, checkpointEvery } = resolveSchedule(options, {
    recipe: { ...EPOCHS, baseLr: optimiser.baseLr },
    perStep: { batch, accumulate },
    trainCount,
  });
  return {
    kind,
    ...common(options, facts),
    blocks,
    pooledNorm: encoder.pooledNorm,
    classes,
    crop: CROP,
    trainCount,
    checkpoint: encoder.origin.sha256,
    given: options,
    schedule,
    optimiser: {
      ...optimiser.optimiser,
      weightDecay: options.weightDecay ?? (kind === "partial" ? PARTIAL_DECAY : 0),
      clipGrad: null,
    },
    batch,
    accumulate,
    seed,
    recompute: "none",
    checkpointEvery,
  };
}

function numberOf(batch: ProbeOptions["batch"]): number | undefined {
  if (batch === "auto") throw new ConfigError("Cannot resolve the batch auto: find one first");
  return batch;
}

function tooFew(batch: number): ConfigError {
  return new ConfigError(
    `Cannot train a probe on batches of ${batch}: its BatchNorm needs two images`,
  );
}
