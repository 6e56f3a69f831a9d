/** What can be asked of an exported model. */
import { ConfigError } from "../recipes/mod.ts";

/** What the model takes, by the names of the flag. */
export const INPUTS = ["uint8", "float32"] as const;
/**
 * `uint8`: RGB pixels `[batch, S, S, 3]`, normalised inside. `float32`: normalised already, `[batch, 3, S, S]`, as timm and
 * torchvision make it.
 */
export type InputKind = (typeof INPUTS)[number];

/** What the model may give. */
export const OUTPUTS = ["logits", "cls", "patch_tokens", "pooled", "cls_attention"] as const;
/**
 * - `logits` `[batch, C]`: scores of the classes, before softmax.
 * - `cls` `[batch, D]`: CLS after the last norm (of a model fine-tuned on the mean of its patches: as the last block leaves it).
 * - `patch_tokens` `[batch, L, D]`: the patches, likewise.
 * - `pooled` `[batch, D]`: the mean of `patch_tokens` (of such a model: after the norm that follows it).
 * - `cls_attention` `[batch, depth, L]`: in each block the attention of CLS to each patch, mean over heads.
 */
export type OutputName = (typeof OUTPUTS)[number];

/** What the weights are stored as and products computed in. */
export const EXPORT_DTYPES = ["float32", "float16"] as const;
/** One of {@linkcode EXPORT_DTYPES}. */
export type ExportDType = (typeof EXPORT_DTYPES)[number];

/** Ways to make the weights whole numbers. */
export const QUANTIZATIONS = ["int8"] as const;
/** `int8`: the weights of products as 8-bit whole numbers with a scale for each output. */
export type Quantization = (typeof QUANTIZATIONS)[number];

/** Heads. */
export const HEADS = ["features", "classifier"] as const;
/** `features`: the encoder alone; `classifier`: with the head of a fine-tuned run. */
export type HeadKind = (typeof HEADS)[number];

/**
 * The outputs that a list such as `cls,pooled` names.
 *
 * @throws {ConfigError} if it names none, one twice, or one that there is not.
 *
 * @example
 * ```ts
 * import { parseOutputs } from "./mod.ts";
 *
 * console.assert(parseOutputs("cls,pooled").length === 2);
 * ```
 */
export function parseOutputs(text: string): OutputName[] {
  const names = text.split(",").map((name) => name.trim());
  const outputs = names.map((name) => OUTPUTS.find((output) => output === name));
  const unknown = names.find((_, i) => outputs[i] === undefined);
  if (unknown !== undefined) {
    throw new ConfigError(`Cannot use "${unknown}" as an output: there are ${OUTPUTS.join(", ")}`);
  }
  if (new Set(outputs).size !== outputs.length) {
    throw new ConfigError(`Cannot use "${text}" as outputs: name each once`);
  }
  return outputs as OutputName[];
}
