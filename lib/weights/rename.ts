/** Tensors under the names of another scheme. */
import type { StoredTensor } from "../checkpoint/mod.ts";
import type { Naming } from "./naming.ts";
import { namesIn } from "./translate.ts";

/**
 * The tensors under a scheme's names; one that is several tensors there is cut into views of its rows.
 *
 * @param tensors by our names.
 * @param options.wrapped the encoder is a part of a larger model of Hugging Face's.
 * @throws {RangeError} if the scheme has no name for a tensor.
 *
 * @example
 * ```ts
 * import { loadWeights, renameTensors } from "./mod.ts";
 *
 * const renamed = renameTensors(loadWeights("run").tensors, "huggingface");
 * console.assert(renamed.has("embeddings.cls_token"));
 * ```
 */
export function renameTensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  naming: Naming,
  options: { readonly wrapped?: boolean } = {},
): Map<string, StoredTensor> {
  return new Map([...tensors].flatMap(([ours, tensor]) => {
    const names = namesIn(naming, ours, options)?.names ?? [];
    if (names.length === 0) throw new RangeError(`Cannot name ${ours} as ${naming} does`);
    return names.map((name, i) => [name, pieceOf(tensor, i, names.length)] as const);
  }));
}

/** Rows of the first axis: piece `index` of `count`. */
function pieceOf({ dtype, shape, data }: StoredTensor, index: number, count: number): StoredTensor {
  if (count === 1) return { dtype, shape, data };
  const [rows = 1, ...rest] = shape;
  const bytes = data.length / count;
  const part = data.subarray(index * bytes, (index + 1) * bytes);
  return { dtype, shape: [rows / count, ...rest], data: part };
}
