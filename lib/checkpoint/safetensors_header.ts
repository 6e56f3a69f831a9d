/** The header of a safetensors file: what tensors it holds and where their bytes lie. */
import * as v from "valibot";
import { duplicateKey } from "./duplicate_key.ts";
import {
  type DType,
  dtypeOfSafetensors,
  DTYPES,
  type Shape,
  showShape,
  sizeOf,
} from "../tensor/mod.ts";

/** Longest header that is read; the reference implementation's limit. */
const MAX_HEADER = 100_000_000;

/** Bytes before the header: its length. */
const LENGTH_BYTES = 8;

/** A tensor of a file, without its elements. */
export interface TensorRange {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Its bytes are `from <= i < to` of the file. */
  readonly from: number;
  readonly to: number;
}

/** What the header says, checked; tensors in the order of their bytes. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorRange>;
}

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Metadata = v.record(v.string(), v.string());
const Entry = v.strictObject({
  dtype: v.string(),
  shape: v.array(whole),
  data_offsets: v.strictTuple([whole, whole]),
});

/**
 * Reads a header.
 *
 * @param bytes the file, or at least its header.
 * @param fileBytes bytes of the whole file.
 * @throws {SyntaxError} if the header, a range or a tensor's size is not what the format says.
 *
 * @example
 * ```ts
 * import { latestCheckpoint, parseSafetensorsHeader } from "./mod.ts";
 *
 * const bytes = Deno.readFileSync(`${latestCheckpoint("run")!.path}/model.safetensors`);
 * console.log(parseSafetensorsHeader(bytes, bytes.length));
 * ```
 */
export function parseSafetensorsHeader(bytes: Uint8Array, fileBytes: number): SafetensorsHeader {
  const { header, start } = parseJson(bytes, fileBytes);
  const { __metadata__: rawMetadata = {}, ...rawEntries } = header;
  const metadata = v.safeParse(Metadata, rawMetadata);
  if (!metadata.success) throw badSafetensors(`__metadata__ must map texts to texts`);

  const entries = Object.entries(rawEntries).map(([name, raw]) => {
    const entry = v.safeParse(Entry, raw);
    if (!entry.success) throw badSafetensors(`tensor "${name}": ${v.summarize(entry.issues)}`);
    return { name, ...entry.output };
  });
  entries.sort((a, b) =>
    a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]
  );

  const tensors = new Map<string, TensorRange>();
  let end = 0;
  for (const { name, dtype: typeName, shape, data_offsets: [from, to] } of entries) {
    if (!Object.values(DTYPES).some((info) => info.safetensors === typeName)) {
      throw badSafetensors(`tensor "${name}" has the unknown dtype "${typeName}"`);
    }
    const dtype = dtypeOfSafetensors(typeName);
    if (from !== end || to < from) {
      throw badSafetensors(
        `tensor "${name}" lies at [${from}, ${to}) but the bytes before it end at ${end}: ` +
          `ranges must follow each other without holes or overlaps`,
      );
    }
    if (to - from !== sizeOf(shape) * DTYPES[dtype].bytes) {
      throw badSafetensors(
        `tensor "${name}" has ${to - from} bytes for ${dtype} ${showShape(shape)}`,
      );
    }
    end = to;
    if (start + end > fileBytes) {
      throw badSafetensors(`tensor "${name}" ends at ${start + end} of ${fileBytes} bytes`);
    }
    tensors.set(name, { dtype, shape, from: start + from, to: start + to });
  }
  if (start + end !== fileBytes) {
    throw badSafetensors(`the tensors end at ${start + end} of ${fileBytes} bytes`);
  }
  return { metadata: metadata.output, tensors };
}

/**
 * {@linkcode parseSafetensorsHeader} of the file at `path`, of which nothing else is read.
 *
 * @throws {SyntaxError} with the path.
 *
 * @example
 * ```ts
 * import { latestCheckpoint, readSafetensorsHeader } from "./mod.ts";
 *
 * console.log(readSafetensorsHeader(`${latestCheckpoint("run")!.path}/model.safetensors`));
 * ```
 */
export function readSafetensorsHeader(path: string): SafetensorsHeader {
  using file = Deno.openSync(path);
  const { size } = file.statSync();
  try {
    const start = readUpTo(file, Math.min(size, LENGTH_BYTES));
    const end = start.length < LENGTH_BYTES ? size : headerEnd(start, size);
    const rest = readUpTo(file, end - start.length);
    const bytes = new Uint8Array(start.length + rest.length);
    bytes.set(start);
    bytes.set(rest, start.length);
    return parseSafetensorsHeader(bytes, size);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`${error.message}, in ${path}`, { cause: error });
  }
}

/** What is said of a file that is none. */
function badSafetensors(what: string): SyntaxError {
  return new SyntaxError(`Cannot read as safetensors: ${what}`);
}

/** The header as an object, and where the tensors' bytes start. */
function parseJson(
  bytes: Uint8Array,
  fileBytes: number,
): { header: Record<string, unknown>; start: number } {
  if (bytes.byteLength < LENGTH_BYTES) {
    throw badSafetensors(`${bytes.byteLength} bytes are too few for a header`);
  }
  const start = headerEnd(bytes, fileBytes);
  if (bytes[LENGTH_BYTES] !== 0x7b) throw badSafetensors(`the header does not start with "{"`);
  let text: string;
  let header: Record<string, unknown>;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.slice(LENGTH_BYTES, start));
    header = JSON.parse(text);
  } catch (error) {
    throw badSafetensors(`the header is not JSON in UTF-8 (${(error as Error).message})`);
  }
  const twice = duplicateKey(text);
  if (twice !== null) throw badSafetensors(`the header has "${twice}" twice`);
  return { header, start };
}

/** Where the header ends, from the length that the file starts with. */
function headerEnd(bytes: Uint8Array, fileBytes: number): number {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) {
    throw badSafetensors(`a header of ${length} bytes is longer than ${MAX_HEADER}`);
  }
  const end = LENGTH_BYTES + Number(length);
  if (end > fileBytes) throw badSafetensors(`the header ends at ${end} of ${fileBytes} bytes`);
  return end;
}

/** The next `count` bytes, or as many as there are. */
function readUpTo(file: Deno.FsFile, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  let done = 0;
  while (done < count) {
    const now = file.readSync(bytes.subarray(done));
    if (now === null) break;
    done += now;
  }
  return bytes.subarray(0, done);
}
