/** Small models to export, and what runs exported ones. */
import { drawImages, type ExportSource } from "../../lib/export/mod.ts";
import { random, type Shape, sizeOf } from "../../lib/tensor/mod.ts";
import { encoderParameters, patchCount } from "../../lib/vit/mod.ts";
import { MICRO_ENCODER } from "../_models.ts";

export const CLASSES = ["cat", "dog", "a bird, or so"];

/** A model with drawn weights: the norms and biases as well, so that none is forgotten unseen. */
export function drawnSource(
  options: { readonly classes?: boolean; readonly pooledNorm?: boolean } = {},
): ExportSource {
  const { classes = false, pooledNorm = false } = options;
  const { width } = MICRO_ENCODER;
  const shapes = new Map<string, Shape>([
    ["pos_embed", [1, 1 + patchCount(MICRO_ENCODER), width]],
    ...encoderParameters(MICRO_ENCODER).map(({ name, shape }) => [name, shape] as const),
  ]);
  if (pooledNorm) {
    for (const word of ["weight", "bias"]) {
      shapes.delete(`norm.${word}`);
      shapes.set(`fc_norm.${word}`, [width]);
    }
  }
  if (classes) {
    shapes.set("head.weight", [CLASSES.length, width]).set("head.bias", [CLASSES.length]);
  }
  const tensors = [...shapes].map(([name, shape], sample) => {
    const stream = random({ seed: 5, purpose: "draw", sample });
    const isScale = /norm\d?\.weight$/.test(name);
    const values = Float32Array.from(
      { length: sizeOf(shape) },
      () => (isScale ? 1 : 0) + 0.3 * stream.normal(),
    );
    return [name, { dtype: "float32", shape, data: new Uint8Array(values.buffer) }] as const;
  });
  return {
    encoder: MICRO_ENCODER,
    pooledNorm,
    classes: classes ? CLASSES : null,
    tensors: new Map(tensors),
    provenance: { method: "none", checkpoint_sha256: "0".repeat(64) },
  };
}

/** Some images of the model's size. */
export const IMAGES_OF_TEST = drawImages(5, MICRO_ENCODER.imageSize, 3);
