/** Images as rows of patch pixels, and their linear embedding. */
import { add, matmul, reshape, transpose, type Value } from "../graph/mod.ts";
import { showShape } from "../tensor/mod.ts";
import type { Parameter, Parameters } from "../nn/mod.ts";

/**
 * Cuts images `[B, S, S, 3]` into patches -> `[B, L, p * p * 3]`; L patches in row-major order, within a patch row, column,
 * channel.
 *
 * @throws {RangeError} if the side is no multiple of the patch.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { patchify } from "./mod.ts";
 *
 * const images = graph.input("images", "float32", [2, 16, 16, 3]);
 * console.assert(String(patchify(images, 4).shape) === "2,16,48");
 * ```
 */
export function patchify(images: Value, patch: number): Value {
  const [B, S, , C] = images.shape as [number, number, number, number];
  if (S % patch !== 0) {
    throw new RangeError(
      `Cannot cut ${showShape(images.shape)} into patches of ${patch}: it does not divide the side`,
    );
  }
  const grid = S / patch;
  const cells = reshape(images, [B, grid, patch, grid, patch * C]);
  return reshape(transpose(cells, [0, 1, 3, 2, 4]), [B, grid * grid, patch * patch * C]);
}

/**
 * The embedding, stored as the kernel of a convolution `[D, 3, p, p]`.
 *
 * @example
 * ```ts
 * import { patchEmbeddingParameters } from "./mod.ts";
 *
 * const [kernel] = patchEmbeddingParameters(8, 4);
 * console.assert(String(kernel!.shape) === "8,3,4,4");
 * ```
 */
export function patchEmbeddingParameters(width: number, patch: number): Parameter[] {
  return [
    { name: "patch_embed.proj.weight", shape: [width, 3, patch, patch], init: "xavier" },
    { name: "patch_embed.proj.bias", shape: [width], init: "zeros" },
  ];
}

/**
 * Patches `[B, N, p * p * 3]` -> `[B, N, D]`. The kernel is put into the pixels' order, not the pixels into the kernel's.
 *
 * @example
 * ```ts
 * import { graph, nn } from "../../mod.ts";
 * import { embedPatches, patchEmbeddingParameters } from "./mod.ts";
 *
 * const p = new nn.Parameters(patchEmbeddingParameters(8, 4));
 * const patches = graph.input("patches", "float32", [2, 16, 48]);
 * console.assert(String(embedPatches(p, patches).shape) === "2,16,8");
 * ```
 */
export function embedPatches(p: Parameters, patches: Value): Value {
  const kernel = transpose(p.get("patch_embed.proj.weight"), [0, 2, 3, 1]); // [D, p, p, 3]
  const weight = reshape(kernel, [kernel.shape[0]!, patches.shape[2]!]);
  return add(matmul(patches, weight, { transB: true }), p.get("patch_embed.proj.bias"));
}
