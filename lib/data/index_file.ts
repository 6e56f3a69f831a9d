/** A split's index: label, original size and source path of every sample, and where it lies; docs/dataset-format.md. */
import { DataError } from "./error.ts";
import { decodeHeader, encodeHeader, HEADER_BYTES } from "./header.ts";

/** Width and height of an image in pixels. */
export interface Size {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
}

/** What is known of a sample beside its pixels. */
export interface Sample extends Size {
  /** Path in the source, with `/`. */
  readonly path: string;
  /** Position in the list of classes; -1 = unlabelled. */
  readonly label: number;
}

/** Where an encoded record lies. */
export interface RecordPlace {
  /** Bytes from the shard's first record to the end of this one. */
  readonly end: number;
  /** CRC-32 of its bytes. */
  readonly crc: number;
}

/** Columns of an index: element i is of sample i. */
export interface Index {
  readonly count: number;
  readonly labels: Int32Array;
  readonly widths: Uint32Array;
  readonly heights: Uint32Array;
  /** Of records of differing lengths: the end of each in its shard, counted from the first record, and its CRC-32. */
  readonly encoded: { readonly ends: Uint32Array; readonly crcs: Uint32Array } | null;
  /** Path of sample i. */
  path(i: number): string;
}

/** Columns of 32 bits: label, width, height, end of the path; of encoded records also end and CRC-32. */
const COLUMNS = 4, ENCODED_COLUMNS = 6;

/** Bytes of a piece of an index that is written. */
const PIECE = 1 << 18;

/** Samples that can be gone through more than once. */
export interface Samples extends Iterable<Sample> {
  readonly length: number;
}

/**
 * The file's bytes in pieces. Each is valid until the next is asked for.
 *
 * @param encoded where the records lie, one for each sample; left out where all have one size.
 * @throws {RangeError} if the paths take 4 GiB or more.
 */
export function* indexPieces(
  samples: Samples,
  encoded?: Iterable<RecordPlace>,
): Generator<Uint8Array<ArrayBuffer>> {
  const ends = new Uint32Array(samples.length);
  let [i, pathBytes] = [0, 0];
  for (const { path } of samples) {
    pathBytes += utf8Length(path);
    if (pathBytes >= 2 ** 32) {
      throw new RangeError(`Cannot index ${ends.length} samples: their paths take 4 GiB or more`);
    }
    ends[i++] = pathBytes;
  }
  const columns = encoded === undefined ? COLUMNS : ENCODED_COLUMNS;
  const fileBytes = HEADER_BYTES + 4 * columns * ends.length + pathBytes;
  yield encodeHeader("index", fileBytes, { samples: ends.length, pathBytes, columns });
  yield* column(samples, ({ label }) => label);
  yield* column(samples, ({ width }) => width);
  yield* column(samples, ({ height }) => height);
  yield* column(ends, (end) => end);
  if (encoded !== undefined) {
    yield* column(encoded, ({ end }) => end);
    yield* column(encoded, ({ crc }) => crc);
  }
  yield* text(samples);
}

/** Bytes of the file of these samples. */
export function indexBytes(samples: Samples, store: "raw" | "jpeg"): number {
  let bytes = HEADER_BYTES + 4 * (store === "raw" ? COLUMNS : ENCODED_COLUMNS) * samples.length;
  for (const { path } of samples) bytes += utf8Length(path);
  return bytes;
}

/** The file's bytes; see {@linkcode indexPieces}. */
export function encodeIndex(
  samples: Samples,
  encoded?: Iterable<RecordPlace>,
): Uint8Array<ArrayBuffer> {
  const pieces = Array.from(indexPieces(samples, encoded), (piece) => piece.slice());
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) bytes.set(piece, (at += piece.length) - piece.length);
  return bytes;
}

/** 32 bits of each element, negative ones as two's complement. */
function* column<T>(
  elements: Iterable<T>,
  value: (element: T) => number,
): Generator<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(PIECE);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const element of elements) {
    view.setUint32(at, value(element), true);
    at += 4;
    if (at < PIECE) continue;
    yield bytes;
    at = 0;
  }
  yield bytes.subarray(0, at);
}

/** All paths, one after another. */
function* text(samples: Samples): Generator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let waiting: string[] = [];
  let length = 0;
  for (const { path } of samples) {
    waiting.push(path);
    length += path.length;
    if (length < PIECE) continue;
    yield encoder.encode(waiting.join(""));
    [waiting, length] = [[], 0];
  }
  yield encoder.encode(waiting.join(""));
}

/**
 * Reads an index whole and checks every value in it. Little-endian machines only, as every one that ONNX
 * Runtime is built for.
 *
 * @param limits name for messages, and how many classes the manifest lists.
 * @throws {DataError} if anything in it cannot be.
 */
export function decodeIndex(
  bytes: Uint8Array,
  { file, classes }: { readonly file: string; readonly classes: number },
): Index {
  const header = decodeHeader("index", bytes, { file, fileBytes: bytes.length });
  const { samples: count, pathBytes } = header;
  const columns = header.columns === 0 ? COLUMNS : header.columns;
  const damaged = (what: string) =>
    new DataError(`Cannot read ${file}: ${what}; copy or prepare it again`);
  if (columns !== COLUMNS && columns !== ENCODED_COLUMNS) {
    throw damaged(`it has ${columns} columns`);
  }
  if (bytes.length !== HEADER_BYTES + 4 * columns * count + pathBytes) {
    throw damaged(`${count} samples do not fill ${bytes.length} bytes`);
  }
  const at = (i: number) => bytes.byteOffset + HEADER_BYTES + 4 * count * i;
  const column = (i: number) => new Uint32Array(bytes.buffer, at(i), count);
  const labels = new Int32Array(bytes.buffer, at(0), count);
  const [widths, heights, ends] = [column(1), column(2), column(3)];
  for (let i = 0; i < count; i++) {
    if (labels[i]! < -1 || labels[i]! >= classes) {
      throw damaged(`sample ${i} has label ${labels[i]}`);
    }
    if (widths[i] === 0 || heights[i] === 0) throw damaged(`sample ${i} has no pixels`);
    if (ends[i]! <= (ends[i - 1] ?? 0)) throw damaged(`sample ${i} has no path`);
  }
  if ((ends[count - 1] ?? 0) !== pathBytes) throw damaged("its paths are cut short");
  const paths = bytes.subarray(bytes.length - pathBytes);
  const decoder = new TextDecoder();
  const path = (i: number) => decoder.decode(paths.subarray(ends[i - 1] ?? 0, ends[i]));
  const encoded = columns === COLUMNS ? null : { ends: column(4), crcs: column(5) };
  return { count, labels, widths, heights, encoded, path };
}

function utf8Length(path: string): number {
  let bytes = 0;
  for (const character of path) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
