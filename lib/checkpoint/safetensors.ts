/**
 * The safetensors format: an 8-byte little-endian header length, a JSON header, then the tensors' bytes
 * (https://huggingface.co/docs/safetensors). What is written here is byte for byte what the reference
 * implementation writes for the same tensors: header padded with spaces to 8 bytes, widest element types first.
 */
import * as v from "valibot";
import {
  type DType,
  dtypeOfSafetensors,
  DTYPES,
  type Shape,
  showShape,
  sizeOf,
} from "../tensor/mod.ts";

/** A tensor at rest: little-endian bytes in row-major order. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: Uint8Array;
}

/** What a safetensors file holds, tensors in the order of their bytes. */
export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Longest header that is read; the reference implementation's limit. */
const MAX_HEADER = 100_000_000;

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

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Metadata = v.record(v.string(), v.string());
const Entry = v.strictObject({
  dtype: v.string(),
  shape: v.array(whole),
  data_offsets: v.strictTuple([whole, whole]),
});

/**
 * The file as a list of chunks to write one after another; the tensors' own bytes are not copied.
 * Equal content gives equal bytes, whatever the order of the map.
 *
 * @throws {TypeError} if a tensor's bytes do not fit its shape, or if one is named `__metadata__`.
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
 */
export function parseSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, start } = readHeader(bytes);
  const { __metadata__: rawMetadata = {}, ...rawEntries } = header;
  const metadata = v.safeParse(Metadata, rawMetadata);
  if (!metadata.success) throw bad(`__metadata__ must map texts to texts`);

  const entries = Object.entries(rawEntries).map(([name, raw]) => {
    const entry = v.safeParse(Entry, raw);
    if (!entry.success) throw bad(`tensor "${name}": ${v.summarize(entry.issues)}`);
    return { name, ...entry.output };
  });
  entries.sort((a, b) =>
    a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]
  );

  const tensors = new Map<string, StoredTensor>();
  let end = 0;
  for (const { name, dtype: typeName, shape, data_offsets: [from, to] } of entries) {
    if (!Object.values(DTYPES).some((info) => info.safetensors === typeName)) {
      throw bad(`tensor "${name}" has the unknown dtype "${typeName}"`);
    }
    const dtype = dtypeOfSafetensors(typeName);
    if (from !== end || to < from) {
      throw bad(
        `tensor "${name}" lies at [${from}, ${to}) but the bytes before it end at ${end}: ` +
          `ranges must follow each other without holes or overlaps`,
      );
    }
    if (to - from !== sizeOf(shape) * DTYPES[dtype].bytes) {
      throw bad(`tensor "${name}" has ${to - from} bytes for ${dtype} ${showShape(shape)}`);
    }
    end = to;
    if (start + end > bytes.byteLength) {
      throw bad(`tensor "${name}" ends at ${start + end} of ${bytes.byteLength} bytes`);
    }
    const view = bytes.subarray(start + from, start + to);
    const aligned = view.byteOffset % DTYPES[dtype].bytes === 0;
    tensors.set(name, { dtype, shape, data: aligned ? view : view.slice() });
  }
  if (start + end !== bytes.byteLength) {
    throw bad(`the tensors end at ${start + end} of ${bytes.byteLength} bytes`);
  }
  return { metadata: metadata.output, tensors };
}

/** {@linkcode parseSafetensors} of the file at `path`. @throws {SyntaxError} with the path, as there. */
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

/** The header as an object, and where the tensors' bytes start. */
function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.byteLength < 8) throw bad(`${bytes.byteLength} bytes are too few for a header`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) throw bad(`a header of ${length} bytes is longer than ${MAX_HEADER}`);
  const start = 8 + Number(length);
  if (start > bytes.byteLength) {
    throw bad(`the header ends at ${start} of ${bytes.byteLength} bytes`);
  }
  if (bytes[8] !== 0x7b) throw bad(`the header does not start with "{"`);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.slice(8, start));
    return { header: JSON.parse(text) as Record<string, unknown>, start };
  } catch (error) {
    throw bad(`the header is not JSON in UTF-8 (${(error as Error).message})`);
  }
}

/** A JSON object with its members in the given order, which a JavaScript object does not keep for names like "0". */
function object(members: readonly (readonly [name: string, json: string])[]): string {
  return `{${members.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
}

function bad(what: string): SyntaxError {
  return new SyntaxError(`Cannot read as safetensors: ${what}`);
}
