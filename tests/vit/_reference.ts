/** The encoder and the decoder as plain loops over one image's tokens. */
import type { DecoderConfig, EncoderConfig } from "../../lib/vit/mod.ts";
import {
  addRows,
  block,
  clsAttention,
  layerNorm,
  linear,
  type Rows,
  type Weights,
} from "../nn/_reference.ts";

/** A model small enough for loops. */
export const MODEL = {
  imageSize: 6,
  patch: 2,
  width: 8,
  depth: 3,
  heads: 2,
  mlpRatio: 2,
  decoderWidth: 12,
  decoderDepth: 2,
  decoderHeads: 3,
} as const satisfies EncoderConfig & DecoderConfig;

/** Pixels `[S][S][3]` of an image -> patches `[L][p * p * 3]`. */
export function patchify(pixels: readonly Rows[], patch: number): number[][] {
  const grid = pixels.length / patch;
  const patches: number[][] = [];
  for (let row = 0; row < grid; row++) {
    for (let column = 0; column < grid; column++) {
      const values: number[] = [];
      for (let y = 0; y < patch; y++) {
        for (let x = 0; x < patch; x++) {
          values.push(...pixels[row * patch + y]![column * patch + x]!);
        }
      }
      patches.push(values);
    }
  }
  return patches;
}

/** A patch as the convolution sees it: the kernel is `[D][3][p][p]`. */
export function embedPatch(w: Weights, patch: readonly number[], size: number): number[] {
  const kernel = w["patch_embed.proj.weight"]!;
  return w["patch_embed.proj.bias"]!.map((bias, d) => {
    let total = bias;
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          total += kernel[((d * 3 + c) * size + y) * size + x]! * patch[(y * size + x) * 3 + c]!;
        }
      }
    }
    return total;
  });
}

/** The position of the patch at `place`, or zeros for CLS (-1). */
export function position(place: number, width: number, grid: number): number[] {
  if (place < 0) return new Array(width).fill(0);
  const waves = (at: number) =>
    [Math.sin, Math.cos].flatMap((wave) =>
      Array.from({ length: width / 4 }, (_, i) => wave(at / 10000 ** (4 * i / width)))
    );
  return [...waves(place % grid), ...waves(Math.floor(place / grid))];
}

/** CLS and the patches at `places`, in their order. */
export function embed(
  w: Weights,
  config: EncoderConfig,
  patches: Rows,
  places: readonly number[] = [...patches.keys()],
): number[][] {
  const grid = config.imageSize / config.patch;
  const tokens = places.map((place, i) =>
    addRows([embedPatch(w, patches[i]!, config.patch)], [position(place, config.width, grid)])[0]!
  );
  return [[...w["cls_token"]!], ...tokens];
}

/** All blocks and the norm; and the attention of CLS summed over the blocks. */
export function encode(
  w: Weights,
  { depth, heads }: EncoderConfig,
  tokens: Rows,
): { y: number[][]; scores: number[] } {
  let x = tokens;
  let scores: number[] = new Array(tokens.length - 1).fill(0);
  for (let i = 0; i < depth; i++) {
    const { y, probabilities } = block(w, `blocks.${i}`, x, heads);
    scores = addRows([scores], [clsAttention(probabilities)])[0]!;
    x = y;
  }
  return { y: layerNorm(w, "norm", x), scores };
}

/**
 * MAE's decoder as it is written: the tokens are put back into place, all rows are decoded, and the masked ones picked.
 *
 * @param order the places, the visible ones first.
 */
export function decode(
  w: Weights,
  config: EncoderConfig & DecoderConfig,
  latent: Rows,
  order: readonly number[],
): number[][] {
  const { decoderWidth: E, decoderDepth, decoderHeads } = config;
  const grid = config.imageSize / config.patch;
  const [cls, ...visible] = linear(w, "decoder_embed", latent);
  const restored: number[][] = order.map(() => [...w["mask_token"]!]);
  visible.forEach((token, i) => restored[order[i]!] = token);
  let x: number[][] = [cls!, ...restored].map((token, i) =>
    addRows([token], [position(i - 1, E, grid)])[0]!
  );
  for (let i = 0; i < decoderDepth; i++) x = block(w, `decoder_blocks.${i}`, x, decoderHeads).y;
  const [, ...all] = linear(w, "decoder_pred", layerNorm(w, "decoder_norm", x));
  return order.slice(visible.length).map((place) => all[place]!);
}
