/** Which learning rate and weight decay each parameter has: layer-wise decay (Clark et al. 2020, as in BEiT and MAE). */
import type { GroupOf } from "../train/mod.ts";

/** What decides a parameter's group. */
export interface GroupOptions {
  /** Blocks of the encoder. */
  readonly depth: number;
  /** Factor of the learning rate from one layer to the one below; 1 is the same for all. */
  readonly layerDecay: number;
  readonly weightDecay: number;
}

/** Tensors of more than one axis that do not decay. */
const WITHOUT_DECAY: ReadonlySet<string> = new Set(["cls_token", "pos_embed"]);

/** The layer of a parameter: 0 for the embeddings, i + 1 for block i, depth + 1 for the last norm and the head. */
export function layerOf(name: string, depth: number): number {
  if (WITHOUT_DECAY.has(name) || name.startsWith("patch_embed.")) return 0;
  const block = /^blocks\.(\d+)\./.exec(name)?.[1];
  return block === undefined ? depth + 1 : Number(block) + 1;
}

/** Groups by layer; what has one axis, the class token and the positions do not decay. */
export function groupByLayer({ depth, layerDecay, weightDecay }: GroupOptions): GroupOf {
  return ({ name, shape }) => ({
    weightDecay: shape.length > 1 && !WITHOUT_DECAY.has(name) ? weightDecay : 0,
    lrScale: layerDecay ** (depth + 1 - layerOf(name, depth)),
  });
}
