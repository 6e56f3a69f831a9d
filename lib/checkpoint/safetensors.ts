/**
 * The safetensors format: an 8-byte little-endian header length, a JSON header, then the tensors' bytes
 * (https://huggingface.co/docs/safetensors). What is written here is byte for byte what the reference
 * implementation writes for the same tensors: header padded with spaces to 8 bytes, widest element types first.
 */
import { type DType, DTYPES, type Shape, showShape, sizeOf } from "../tensor/mod.ts";
import { parseSafetensorsHeader } from "./safetensors_header.ts";

/** A tensor at rest: little-endian bytes in row-major order. */
export interface StoredTensor {
  /** Type of the elements. */
  readonly dtype: DType;
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** Elements, little-endian, in row-major order. */
  readonly data: Uint8Array;
}

/** What a safetensors file holds, tensors in the order of their bytes. */
export interface SafetensorsFile {
  /** What the file says of itself. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors by name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Element types from the last written to the first: the reference implementation's order. */
const ORDER: readonly DType[] = [
  "bool",
  "uint8",
  "float16",
  "bfloat16",
  "int32",
  "float32",
  "float64",
  "int64",
];

/**
 * The file as a list of chunks to write one after another; the tensors' own bytes are not copied.
 * Equal content gives equal bytes, whatever the order of the map.
 *
 * @throws {TypeError} if a tensor's bytes do not fit its shape, or if one is named `__metadata__`.
 *
 * @example
 * ```ts
 * import { encodeSafetensors } from "./mod.ts";
 *
 * const data = new Uint8Array(Float32Array.of(1, 2).buffer);
 * const tensors = new Map([["w", { dtype: "float32", shape: [2], data } as const]]);
 * using file = Deno.createSync("w.safetensors");
 * for (const chunk of encodeSafetensors(tensors)) file.writeSync(chunk);
 * ```
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const sorted = [...tensors].sort(([a, x], [b, y]) =>
    ORDER.indexOf(y.dtype) - ORDER.indexOf(x.dtype) || (a < b ? -1 : 1)
  );
  const names = Object.keys(metadata).sort();
  const header: [string, string][] = [];
  if (names.length > 0) {
    const texts = names.map((name) => [name, JSON.stringify(metadata[name])] as [string, string]);
    header.push(["__metadata__", object(texts)]);
  }
  let offset = 0;
  for (const [name, { dtype, shape, data }] of sorted) {
    if (name === "__metadata__") {
      throw new TypeError(`Cannot write a tensor named "__metadata__": the name is reserved`);
    }
    if (data.byteLength !== sizeOf(shape) * DTYPES[dtype].bytes) {
      throw new TypeError(
        `Cannot write tensor "${name}" as ${dtype} ${
          showShape(shape)
        }: it has ${data.byteLength} bytes`,
      );
    }
    const data_offsets = [offset, offset += data.byteLength];
    const entry = { dtype: DTYPES[dtype].safetensors, shape, data_offsets };
    header.push([name, JSON.stringify(entry)]);
  }
  const json = new TextEncoder().encode(object(header));
  const padded = Math.ceil(json.byteLength / 8) * 8;
  const head = new Uint8Array(8 + padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(json, 8);
  return [head, ...sorted.map(([, tensor]) => tensor.data)];
}

/**
 * Read a whole file, checking all of it. The tensors are views of `bytes` where the element size allows it, else
 * aligned copies, so that `arrayOver` works on each.
 *
 * @throws {SyntaxError} if the header, a range or a tensor's size is not what the format says.
 *
 * @example
 * ```ts
 * import { latestCheckpoint, parseSafetensors } from "./mod.ts";
 *
 * const path = `${latestCheckpoint("run")!.path}/model.safetensors`;
 * console.assert(parseSafetensors(Deno.readFileSync(path)).tensors.has("cls_token"));
 * ```
 */
export function parseSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { metadata, tensors } = parseSafetensorsHeader(bytes, bytes.byteLength);
  const stored = [...tensors].map(([name, { dtype, shape, from, to }]) => {
    const view = bytes.subarray(from, to);
    const aligned = view.byteOffset % DTYPES[dtype].bytes === 0;
    return [name, { dtype, shape, data: aligned ? view : view.slice() }] as const;
  });
  return { metadata, tensors: new Map(stored) };
}

/**
 * {@linkcode parseSafetensors} of the file at `path`.
 *
 * @throws {SyntaxError} with the path, as there.
 *
 * @example
 * ```ts
 * import { latestCheckpoint, readSafetensors } from "./mod.ts";
 *
 * const { tensors } = readSafetensors(`${latestCheckpoint("run")!.path}/model.safetensors`);
 * console.assert(tensors.has("cls_token"));
 * ```
 */
export function readSafetensors(path: string): SafetensorsFile {
  try {
    return parseSafetensors(Deno.readFileSync(path));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new SyntaxError(`${error.message}, in ${path}`, { cause: error });
    }
    throw error;
  }
}

/** A JSON object with its members in the given order, which a JavaScript object does not keep for names like "0". */
function object(members: readonly (readonly [name: string, json: string])[]): string {
  return `{${members.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
}
