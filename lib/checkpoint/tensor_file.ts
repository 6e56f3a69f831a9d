/** Files of tensors, opened: what is in them is known at once, elements are read when asked for. */
import { DataError, readAt } from "../data/mod.ts";
import type { DType, Shape } from "../tensor/mod.ts";
import { openPth } from "./pth.ts";
import { readWhole } from "./read_whole.ts";
import type { StoredTensor } from "./safetensors.ts";
import { readSafetensorsHeader } from "./safetensors_header.ts";

/** What a zip archive starts with. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];
/** What files of `torch.save` started with before they were zip archives: a pickle of a number. */
const LEGACY = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** A tensor of a file, without its elements. */
export interface TensorInfo {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Bytes of its elements. */
  readonly bytes: number;
}

/** An open file. What it says of its tensors has been checked: they lie in the file, and none over another. */
export interface TensorFile extends Disposable {
  readonly format: "safetensors" | "pth";
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * The elements of a tensor, in memory of their own.
   *
   * @throws {RangeError} if there is none of that name.
   * @throws {DataError} if the file has become shorter, or its bytes are damaged.
   */
  read(name: string): StoredTensor;
}

/**
 * Opens a file of tensors, whose format shows in its first bytes.
 *
 * @throws {DataError} if it is of no format that is read, is damaged, or is not there.
 *
 * @example
 * ```ts
 * import { latestCheckpoint, openTensorFile } from "./mod.ts";
 *
 * using file = openTensorFile(`${latestCheckpoint("run")!.path}/model.safetensors`);
 * console.assert(file.tensors.has("cls_token"));
 * ```
 */
export function openTensorFile(path: string): TensorFile {
  const start = firstBytes(path, 16);
  const startsWith = (magic: readonly number[]) => magic.every((byte, i) => start[i] === byte);
  if (startsWith(ZIP)) return openPth(path);
  if (startsWith(LEGACY)) {
    throw new DataError(
      `Cannot read ${path}: it is in the format of PyTorch before 1.6; save it again in today's with ` +
        `torch.save(torch.load(path, map_location="cpu"), path)`,
    );
  }
  return openSafetensors(path);
}

/**
 * Opens a safetensors file, of which only the header is read.
 *
 * @throws {DataError} if it is none, or is not there.
 *
 * @example
 * ```ts
 * import { latestCheckpoint, openSafetensors } from "./mod.ts";
 *
 * using file = openSafetensors(`${latestCheckpoint("run")!.path}/model.safetensors`);
 * console.assert(file.tensors.has("cls_token"));
 * ```
 */
export function openSafetensors(path: string): TensorFile {
  const { metadata, tensors } = asDataError(path, () => readSafetensorsHeader(path));
  const file = Deno.openSync(path);
  return {
    format: "safetensors",
    metadata,
    tensors: new Map(
      [...tensors].map(([name, { dtype, shape, from, to }]) => {
        return [name, { dtype, shape, bytes: to - from }];
      }),
    ),
    read(name) {
      const tensor = tensors.get(name);
      if (tensor === undefined) {
        throw new RangeError(`Cannot read "${name}": ${path} has no such tensor`);
      }
      const { dtype, shape, from, to } = tensor;
      const data = new Uint8Array(to - from);
      readWhole(file, from, data, path);
      return { dtype, shape, data };
    },
    [Symbol.dispose]: () => file.close(),
  };
}

function firstBytes(path: string, count: number): Uint8Array {
  return asDataError(path, () => {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(count);
    return bytes.subarray(0, readAt(file, 0, bytes));
  });
}

/** What `read` gives; what it says of a file that cannot be read becomes a {@linkcode DataError}. */
function asDataError<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError) throw new DataError(error.message, { cause: error });
    if (error instanceof Deno.errors.NotFound) {
      throw new DataError(`Cannot read ${path}: there is no such file`, { cause: error });
    }
    throw error;
  }
}
