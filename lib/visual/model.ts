/** The pretraining model behind a run, a checkpoint or a file of weights. */
import { basename, dirname, join } from "node:path";
import { type PretrainingConfig, type Sampling, visibleCount } from "../ccmim/mod.ts";
import { loadCheckpoint, POSITION, type StoredTensor } from "../checkpoint/mod.ts";
import { isFile } from "../files/mod.ts";
import { DataError } from "../data/mod.ts";
import { ConfigError, parsePretrainConfig } from "../recipes/mod.ts";
import { patchCount } from "../vit/mod.ts";
import { isRun, readRunFiles } from "../runs/mod.ts";
import { loadWeights } from "../weights/mod.ts";

/** A model to look through. */
export interface VisualModel {
  /** For a title: `runs/first, step 300`. */
  readonly name: string;
  readonly config: PretrainingConfig;
  /** Parameters by name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Folder of the run's dataset; null if nothing says it. */
  readonly dataset: string | null;
}

/** What is not as the model was trained. */
export interface ModelOptions {
  /** Share of patches that is masked, in (0, 1). */
  readonly maskRatio?: number | undefined;
  /** How masked patches are chosen. */
  readonly sampling?: Sampling | undefined;
  /** Whether predictions are of pixels normalised per patch; what a run says, else true. */
  readonly normPixLoss?: boolean | undefined;
}

/** Width of a head of the decoder where nothing says it: MAE's. */
const DECODER_HEAD = 32;

/**
 * Opens a model: a run's folder (its newest checkpoint), a checkpoint's folder, its `model.safetensors`, or a file of an MAE with
 * its decoder.
 *
 * @throws {DataError} if there is none, it is damaged, or it has no decoder.
 * @throws {ConfigError} if an option cannot be.
 *
 * @example
 * ```ts
 * import { openVisualModel } from "./mod.ts";
 *
 * const { config, tensors } = openVisualModel("run");
 * console.assert(config.model.width === 16 && tensors.has("mask_token"));
 * ```
 */
export function openVisualModel(path: string, options: ModelOptions = {}): VisualModel {
  const { run, checkpoint } = placesOf(path);
  const model = run === null || checkpoint === null
    ? foreignModel(path)
    : { ...runModel(run), ...checkpointTensors(run, checkpoint) };
  return { ...model, config: withOptions(model.config, options) };
}

/**
 * The model of a run without its weights.
 *
 * @throws {DataError} if it is no run of `pretrain`.
 *
 * @example
 * ```ts
 * import { runModel } from "./mod.ts";
 *
 * console.assert(runModel("run").config.masking.ratio === 0.75);
 * ```
 */
export function runModel(run: string): Pick<VisualModel, "config" | "dataset"> {
  const { command, config, dataset } = readRunFiles(run);
  if (command !== "pretrain") {
    throw new DataError(
      `Cannot look through ${run}: ${command} trains no decoder, only pretrain does`,
    );
  }
  try {
    return { config: parsePretrainConfig(config), dataset: dataset?.path ?? null };
  } catch (cause) {
    throw new DataError(`Cannot read the configuration of ${run}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/**
 * The parameters of a checkpoint.
 *
 * @throws {DataError} if it is damaged.
 *
 * @example
 * ```ts
 * import { checkpoint } from "../../mod.ts";
 * import { checkpointTensors } from "./mod.ts";
 *
 * const [place] = checkpoint.completeCheckpoints("run");
 * console.assert(checkpointTensors("run", place!.path).tensors.has("mask_token"));
 * ```
 */
export function checkpointTensors(
  run: string,
  checkpoint: string,
): Pick<VisualModel, "name" | "tensors"> {
  const { model, position } = loadCheckpoint(checkpoint);
  return { name: `${basename(run)}, step ${position.step}`, tensors: model.tensors };
}

/** The run and the checkpoint that `path` is, or lies in; null where it is of neither. */
function placesOf(path: string): { run: string | null; checkpoint: string | null } {
  if (isRun(path)) {
    const newest = readRunFiles(path).checkpoints.at(-1);
    if (newest === undefined) {
      throw new DataError(`Cannot look through ${path}: it has no checkpoint yet`);
    }
    return { run: path, checkpoint: newest.path };
  }
  const folder = isFile(path) ? dirname(path) : path;
  const run = join(folder, "..", "..");
  const isOurs = isFile(join(folder, POSITION)) && isRun(run);
  return isOurs ? { run, checkpoint: folder } : { run: null, checkpoint: null };
}

/** An MAE from elsewhere, with the masks that MAE draws. */
function foreignModel(path: string): VisualModel {
  const { sizes, tensors, decoderHeads } = loadWeights(path, { parts: "all" });
  const embed = tensors.get("decoder_embed.weight");
  if (embed === undefined) {
    throw new DataError(
      `Cannot look through ${path}: it has an encoder, and no decoder that predicts pixels`,
    );
  }
  const decoderWidth = embed.shape[0]!;
  const blocks = [...tensors.keys()].map((name) => /^decoder_blocks\.(\d+)\./.exec(name)?.[1]);
  const decoderDepth = 1 + Math.max(-1, ...blocks.filter((i) => i !== undefined).map(Number));
  const heads = decoderHeads ?? Math.max(1, decoderWidth / DECODER_HEAD);
  return {
    name: basename(path),
    dataset: null,
    tensors,
    config: {
      model: { ...sizes, decoderWidth, decoderDepth, decoderHeads: heads, projectorWidth: 1 },
      masking: { ratio: 0.75, sampling: "random", scoreTemperature: 1 },
      align: { weight: 0, temperature: 1, gradient: "target" },
      normPixLoss: true,
    },
  };
}

function withOptions(
  config: PretrainingConfig,
  { maskRatio, sampling, normPixLoss = config.normPixLoss }: ModelOptions,
): PretrainingConfig {
  const { masking } = config;
  const changed = { ...config, masking: { ...masking, ratio: maskRatio ?? masking.ratio } };
  const [visible, patches] = [visibleCount(changed), patchCount(config.model)];
  if (!(visible > 0 && visible < patches)) {
    throw new ConfigError(
      `Cannot mask ${maskRatio} of ${patches} patches (--mask-ratio): ${visible} would stay visible`,
    );
  }
  return {
    ...config,
    masking: { ...changed.masking, sampling: sampling ?? masking.sampling },
    normPixLoss,
  };
}
