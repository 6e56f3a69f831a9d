/** Models with drawn weights, and what this project computes of them. */
import { normalise } from "../../lib/augment/mod.ts";
import type { StoredTensor } from "../../lib/checkpoint/mod.ts";
import { runReference } from "../../lib/export/reference.ts";
import { drawImages, type ExportSource } from "../../lib/export/mod.ts";
import { cast, constant, fuse, input, permuteRows, slice } from "../../lib/graph/mod.ts";
import { Parameters, sinCosPositions } from "../../lib/nn/mod.ts";
import { emit } from "../../lib/onnx/mod.ts";
import type { Environment, TensorData } from "../../lib/runtime/mod.ts";
import { arrayOver, random, type Shape, sizeOf } from "../../lib/tensor/mod.ts";
import {
  decodeMasked,
  type DecoderConfig,
  decoderParameters,
  embed,
  encode,
  type EncoderConfig,
  patchCount,
  patchify,
} from "../../lib/vit/mod.ts";
import { encoderTensors } from "../../lib/weights/mod.ts";

/** A model, and the images that it is tried with. */
export interface Case {
  readonly name: string;
  /** The name that timm knows the size by, if it does. */
  readonly timm: string | null;
  readonly source: ExportSource;
  readonly decoder: DecoderConfig | null;
  /** uint8 `[B, S, S, 3]`. */
  readonly images: TensorData<"uint8">;
}

const MICRO = { imageSize: 24, patch: 4, width: 48, depth: 3, heads: 4, mlpRatio: 4 };
const TINY = { imageSize: 64, patch: 16, width: 192, depth: 12, heads: 3, mlpRatio: 4 };
const DECODER = { decoderWidth: 24, decoderDepth: 2, decoderHeads: 3 };

/** A pretrained model, a classifier on CLS, one on the mean of the patches, and an encoder of a size that timm names. */
export function cases(): Case[] {
  const make = (
    name: string,
    encoder: EncoderConfig,
    options: Partial<Case> & {
      readonly classes?: readonly string[];
      readonly pooledNorm?: boolean;
    },
  ): Case => {
    const { decoder = null, classes = null, pooledNorm = false, timm = null } = options;
    const tensors = drawTensors(encoder, { decoder, classes: classes?.length ?? 0, pooledNorm });
    const decoderHeads = decoder?.decoderHeads ?? null;
    const source = { encoder, decoderHeads, pooledNorm, classes, tensors, provenance: {} };
    return { name, timm, source, decoder, images: drawImages(4, encoder.imageSize, 1) };
  };
  const classes = ["cat", "dog", "fish"];
  return [
    make("pretrained", MICRO, { decoder: DECODER }),
    make("classifier", MICRO, { classes }),
    make("pooled", MICRO, { classes, pooledNorm: true }),
    make("tiny", TINY, { timm: "vit_tiny_patch16_224" }),
  ];
}

/** Tokens after the norm `[B, 1 + L, D]` as `cls` and `patch_tokens`, and `logits` of a classifier. */
export function featuresOf({ source, images }: Case, environment: Environment) {
  const outputs = source.classes === null
    ? ["cls", "patch_tokens"] as const
    : ["cls", "patch_tokens", "logits"] as const;
  return runReference(source, outputs, images, { environment, session: {} });
}

/** Pixels that the decoder predicts of the patches it does not see, `[B, M, P]`, the visible ones first in `order` `[B, L]`. */
export function predictionsOf(
  { source: { encoder, tensors }, decoder, images }: Case,
  order: { readonly ids: BigInt64Array; readonly visible: number },
  environment: Environment,
): Float32Array {
  const [B] = images.shape as [number];
  const L = patchCount(encoder);
  const p = new Parameters(
    [...tensors].map(([name, { shape }]) => ({ name, shape, init: "zeros" })),
  );
  const pixels = cast(input("images", "uint8", images.shape), "float32");
  const patches = patchify(normalise(pixels), encoder.patch);
  const ids = constant("int64", [B, L], Array.from(order.ids, Number));
  const visible = slice(permuteRows(patches, ids), 1, 0, order.visible);
  const latent = encode(p, encoder, embed(p, encoder, visible, slice(ids, 1, 0, order.visible)));
  const prediction = decodeMasked(p, { ...encoder, ...decoder! }, latent, ids);
  const [fused] = fuse([prediction]);
  using session = environment.session(emit({ prediction: fused! }, { name: "decoder" }), {});
  const weights = p.views.map(({ parameter, offset, value: { attrs: { name, shape } } }) => {
    const all = arrayOver("float32", tensors.get(parameter.name)!.data);
    const data = all.subarray(offset, offset + sizeOf(shape));
    return [name, { dtype: "float32", shape, data }] as [string, TensorData];
  });
  const results = session.run({ images, ...Object.fromEntries(weights) });
  return results["prediction"]!.data as Float32Array;
}

function drawTensors(
  encoder: EncoderConfig,
  { decoder, classes, pooledNorm }: {
    readonly decoder: DecoderConfig | null;
    readonly classes: number;
    readonly pooledNorm: boolean;
  },
): Map<string, StoredTensor> {
  const { width } = encoder;
  const head: { name: string; shape: Shape }[] = classes === 0 ? [] : [
    { name: "head.weight", shape: [classes, width] },
    { name: "head.bias", shape: [classes] },
  ];
  const wanted = [
    ...encoderTensors(encoder),
    ...decoder === null ? [] : decoderParameters({ ...encoder, ...decoder }),
    ...head,
  ];
  const drawn = wanted.map(({ name, shape }, sample) => {
    const stream = random({ seed: 3, purpose: "draw", sample });
    const isScale = /norm\d?\.weight$/.test(name);
    const spread = shape.length === 2 ? 0.1 : 0.3;
    const values = Float32Array.from({ length: sizeOf(shape) }, () => {
      return (isScale ? 1 : 0) + spread * stream.normal();
    });
    const tensor = { dtype: "float32", shape, data: new Uint8Array(values.buffer) } as const;
    return [pooledNorm ? name.replace(/^norm\./, "fc_norm.") : name, tensor] as const;
  });
  const tensors = new Map<string, StoredTensor>(drawn);
  if (decoder !== null) {
    const { decoderWidth } = decoder;
    const table = sinCosPositions(decoderWidth, encoder.imageSize / encoder.patch);
    const shape = [1, 1 + patchCount(encoder), decoderWidth];
    const data = new Uint8Array(table.buffer);
    tensors.set("decoder_pos_embed", { dtype: "float32", shape, data });
  }
  return tensors;
}
