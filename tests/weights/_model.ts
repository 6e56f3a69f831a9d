/** A tiny model's tensors, and files of them. */
import { encodeSafetensors, type StoredTensor } from "../../lib/checkpoint/mod.ts";
import { writeAtomically } from "../../lib/files/mod.ts";
import { type DType, type Shape, sizeOf } from "../../lib/tensor/mod.ts";
import { decoderParameters } from "../../lib/vit/mod.ts";
import { encoderTensors } from "../../lib/weights/mod.ts";

/** Sizes of the model. */
export const SIZES = { imageSize: 8, patch: 4, width: 8, depth: 2, heads: 2, mlpRatio: 2 };
/** Sizes of its decoder. */
export const DECODER = { decoderWidth: 4, decoderDepth: 1, decoderHeads: 1 };

/** A tensor of numbers that are all different. */
export function tensor(shape: Shape, first = 0, dtype: DType = "float32"): StoredTensor {
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => first + i / 1024);
  return { dtype, shape, data: new Uint8Array(values.buffer) };
}

/** The encoder's tensors by our names, each starting at another number. */
export function encoder(sizes = SIZES): Map<string, StoredTensor> {
  return new Map(encoderTensors(sizes).map(({ name, shape }, i) => [name, tensor(shape, i)]));
}

/** Encoder and decoder. */
export function autoencoder(): Map<string, StoredTensor> {
  const positions = { name: "decoder_pos_embed", shape: [1, 5, DECODER.decoderWidth] };
  const decoder = [positions, ...decoderParameters({ ...SIZES, ...DECODER })];
  return new Map([
    ...encoder(),
    ...decoder.map(({ name, shape }, i) => [name, tensor(shape, 100 + i)] as const),
  ]);
}

/** Writes a safetensors file. */
export function write(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata?: Record<string, string>,
): void {
  writeAtomically(path, encodeSafetensors(tensors, metadata));
}
