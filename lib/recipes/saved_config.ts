/** A configuration read back from disk, checked field by field. */
import * as v from "valibot";
import {
  ALIGN_GRADIENTS,
  type DeviceName,
  METHODS,
  PRECISIONS,
  type PretrainConfig,
  RECOMPUTE,
  SAMPLINGS,
} from "./config.ts";
import { isDeviceName } from "./device.ts";
import { findRecipe, RECIPE_NAMES } from "./recipes.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const number = v.pipe(v.number(), v.finite());
const pair = v.tuple([number, number]);

const schema = v.object({
  recipe: v.pipe(
    v.string(),
    v.transform((name) => findRecipe(name) ?? name),
    v.picklist(RECIPE_NAMES),
  ),
  method: v.picklist(METHODS),
  model: v.object({
    imageSize: count,
    patch: count,
    width: count,
    depth: count,
    heads: count,
    mlpRatio: number,
    decoderWidth: count,
    decoderDepth: count,
    decoderHeads: count,
    projectorWidth: count,
  }),
  masking: v.object({ ratio: number, sampling: v.picklist(SAMPLINGS), scoreTemperature: number }),
  align: v.object({ weight: number, temperature: number, gradient: v.picklist(ALIGN_GRADIENTS) }),
  normPixLoss: v.boolean(),
  crop: v.object({ scale: pair, ratio: pair }),
  schedule: v.object({
    steps: count,
    epochs: number,
    stepsPerEpoch: count,
    warmupSteps: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    baseLr: number,
    lr: number,
    minLr: number,
  }),
  optimiser: v.object({
    kind: v.optional(v.literal("adamw"), "adamw"), // runs of before there was another
    betas: pair,
    eps: number,
    weightDecay: number,
    clipGrad: v.nullable(number),
  }),
  batch: count,
  accumulate: count,
  seed: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  threads: count,
  device: v.custom<DeviceName>(isDeviceName, "no device"),
  // Runs of before there was a choice
  precision: v.optional(v.picklist(PRECISIONS), "float32"),
  recompute: v.optional(v.picklist(RECOMPUTE), "none"),
  checkpointEvery: count,
});

/**
 * The configuration in `value`, which JSON.parse made; fields of no configuration are dropped.
 *
 * @throws {SyntaxError} if a field is missing or no configuration can hold it.
 *
 * @internal
 */
export function parsePretrainConfig(value: unknown): PretrainConfig {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? "it";
  throw new SyntaxError(`Cannot read a configuration: ${where} is wrong (${issue.message})`);
}
