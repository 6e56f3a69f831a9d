/** What the training code itself computes of a trained model: what an exported file is held against. */
import { normalise } from "../augment/mod.ts";
import { cast, fuse, input, reduceMean, slice, type Value } from "../graph/mod.ts";
import { block, layerNorm, linear, Parameters } from "../nn/mod.ts";
import { emit } from "../onnx/mod.ts";
import type { Environment, SessionOptions, TensorData } from "../runtime/mod.ts";
import { arrayOver } from "../tensor/mod.ts";
import { clsAttentionSum, clsRow, embed, patchCount, patchify } from "../vit/mod.ts";
import { IMAGES } from "./image_model.ts";
import type { OutputName } from "./options.ts";
import type { ExportSource } from "./source.ts";
import { aligned } from "./weights.ts";

/** Results by name: outputs, and `cls_attention` summed over the blocks, `[B, L]`. */
export type Results = Readonly<Record<string, Float32Array>>;

/**
 * Runs the checkpoint's own graph, with the kernels of training, in float32.
 *
 * @param images uint8 `[B, S, S, 3]`.
 */
export function runReference(
  source: ExportSource,
  outputs: readonly OutputName[],
  images: TensorData,
  { environment, session: options }: {
    readonly environment: Environment;
    readonly session: SessionOptions;
  },
): Results {
  const parameters = [...source.tensors].map(([name, { shape }]) => {
    return { name, shape, init: "zeros" as const };
  });
  const p = new Parameters(parameters);
  const all = referenceModel(p, source, images.shape[0]!);
  const wanted = Object.entries(all).filter(([name]) => outputs.some((output) => output === name));
  const values = fuse(wanted.map(([, value]) => value));
  const named = Object.fromEntries(wanted.map(([name], i) => [name, values[i]!]));
  using session = environment.session(emit(named, { name: "reference" }), options);
  const read = new Set(session.inputs.map(({ name }) => name));
  const weights = p.views.filter(({ value }) => read.has(value.attrs.name))
    .map(({ parameter, offset, value: { attrs: { name, shape } } }): [string, TensorData] => {
      const elements = arrayOver("float32", aligned(source.tensors.get(parameter.name)!.data));
      const length = shape.reduce((a, b) => a * b, 1);
      return [name, { dtype: "float32", shape, data: elements.subarray(offset, offset + length) }];
    });
  const results = session.run({ [IMAGES]: images, ...Object.fromEntries(weights) });
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
  );
}

function referenceModel(
  p: Parameters,
  { encoder, pooledNorm, classes }: ExportSource,
  batch: number,
): Record<string, Value> {
  const { imageSize: S, patch, depth, heads } = encoder;
  const images = normalise(cast(input(IMAGES, "uint8", [batch, S, S, 3]), "float32"));
  const embedded = embed(p, encoder, patchify(images, patch)); // [B, 1 + L, D]
  let tokens = embedded;
  for (let i = 0; i < depth; i++) tokens = block(p, `blocks.${i}`, tokens, { heads }).y;
  if (!pooledNorm) tokens = layerNorm(p, "norm", tokens);
  const patchTokens = slice(tokens, 1, 1, 1 + patchCount(encoder));
  const mean = reduceMean(patchTokens, [1]);
  const pooled = pooledNorm ? layerNorm(p, "fc_norm", mean) : mean;
  return {
    cls: clsRow(tokens),
    patch_tokens: patchTokens,
    pooled,
    cls_attention: clsAttentionSum(p, encoder, embedded),
    ...classes ? { logits: linear(p, "head", pooledNorm ? pooled : clsRow(tokens)) } : {},
  };
}
