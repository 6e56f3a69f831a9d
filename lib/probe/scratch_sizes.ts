/** Sizes of an encoder that no checkpoint says. */
import { type DatasetFacts, type PretrainOptions, resolvePretrain } from "../recipes/mod.ts";
import type { EncoderConfig } from "../vit/mod.ts";

/**
 * The sizes that pretraining would have on a dataset.
 *
 * @throws {ConfigError} if they cannot be.
 *
 * @internal
 */
export function scratchSizes(
  { model, width, depth, heads, imageSize, patch }: Pick<
    PretrainOptions,
    "model" | "width" | "depth" | "heads" | "imageSize" | "patch"
  >,
  dataset: DatasetFacts,
): EncoderConfig {
  const sizes = { model, width, depth, heads, imageSize, patch };
  const whole = resolvePretrain({ ...sizes, batch: 1, accumulate: 1, alignWeight: 0 }, dataset);
  const { decoderWidth: _, decoderDepth: __, decoderHeads: ___, projectorWidth: ____, ...encoder } =
    whole.model;
  return encoder;
}
