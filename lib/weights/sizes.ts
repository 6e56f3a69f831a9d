/** The sizes of an encoder, from the shapes of its tensors. */
import { DataError } from "../data/mod.ts";
import type { TensorInfo } from "../checkpoint/mod.ts";
import { ConfigError } from "../recipes/mod.ts";
import { type Shape, showShape } from "../tensor/mod.ts";
import { type EncoderConfig, SIZES } from "../vit/mod.ts";

/** Where the number of heads is from, which no tensor's shape shows. */
export type HeadsFrom = "option" | "config" | "named size" | "width / 64";

/** The part of a tensor that sizes are read from. */
type Shaped = Pick<TensorInfo, "shape">;

/** Sizes that shapes show. */
export type ShownSizes = Omit<EncoderConfig, "heads">;

/**
 * The sizes of the encoder whose tensors these are, by our names.
 *
 * @throws {DataError} if a tensor is missing that shows a size, or has a shape that no encoder of ours has.
 */
export function shownSizes(tensors: ReadonlyMap<string, Shaped>): ShownSizes {
  const [width, channels, patch, other] = shapeOf(tensors, "patch_embed.proj.weight", 4);
  if (channels !== 3 || patch !== other || patch === 0 || width === 0) {
    throw misfit("patch_embed.proj.weight", tensors, "it must be [width, 3, patch, patch]");
  }
  const [one, rows, positionWidth] = shapeOf(tensors, "pos_embed", 3);
  const grid = Math.sqrt(rows! - 1);
  if (one !== 1 || positionWidth !== width || !Number.isInteger(grid) || grid < 1) {
    const what = `it must be [1, 1 + n * n, ${width}]: CLS and a square grid of patches`;
    throw misfit("pos_embed", tensors, what);
  }
  let depth = 0;
  while (tensors.has(`blocks.${depth}.attn.qkv.weight`)) depth++;
  if (depth === 0) throw new DataError("Cannot read an encoder: it has no blocks");
  const [hidden, input] = shapeOf(tensors, "blocks.0.mlp.fc1.weight", 2);
  if (input !== width || hidden === 0) {
    throw misfit("blocks.0.mlp.fc1.weight", tensors, `it must be [hidden, ${width}]`);
  }
  return {
    imageSize: grid * patch!,
    patch: patch!,
    width: width!,
    depth,
    mlpRatio: hidden! / width!,
  };
}

/**
 * How many heads an encoder has.
 *
 * @param told.option what the caller asks for.
 * @param told.config what the run, or the file beside, says.
 * @throws {ConfigError} if the heads cannot be, are contradicted, or have to be told.
 */
export function chooseHeads(
  { width, depth }: ShownSizes,
  told: { readonly option?: number | undefined; readonly config?: number | undefined },
): { heads: number; headsFrom: HeadsFrom } {
  const { option, config } = told;
  if (option !== undefined && config !== undefined && option !== config) {
    throw new ConfigError(`Cannot use ${option} heads: the model was trained with ${config}`);
  }
  const named = Object.values(SIZES).find((size) => size.width === width && size.depth === depth);
  const candidates: readonly (readonly [HeadsFrom, number | undefined])[] = [
    ["option", option],
    ["config", config],
    ["named size", named?.heads],
    ["width / 64", width % 64 === 0 ? width / 64 : undefined],
  ];
  for (const [headsFrom, heads] of candidates) {
    if (heads === undefined) continue;
    if (!Number.isSafeInteger(heads) || heads < 1 || width % heads !== 0) {
      throw new ConfigError(`Cannot split a width of ${width} into ${heads} heads`);
    }
    return { heads, headsFrom };
  }
  throw new ConfigError(
    `Cannot tell how many heads a model of width ${width} has: no tensor shows it, and there is no configuration ` +
      "beside them; say it with --heads",
  );
}

function shapeOf(tensors: ReadonlyMap<string, Shaped>, name: string, rank: number): Shape {
  const shape = tensors.get(name)?.shape;
  if (shape === undefined) throw new DataError(`Cannot read an encoder: it has no ${name}`);
  if (shape.length !== rank) throw misfit(name, tensors, `it must have ${rank} axes`);
  return shape;
}

function misfit(name: string, tensors: ReadonlyMap<string, Shaped>, what: string): DataError {
  const shape = showShape(tensors.get(name)?.shape ?? []);
  return new DataError(`Cannot read an encoder: ${name} is ${shape}, and ${what}`);
}
