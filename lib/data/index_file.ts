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

/** Where encoded records lie: element i is of sample i. */
export interface RecordPlaces {
  /** Bytes from the shard's first record to the end of this one. */
  readonly ends: Uint32Array;
  /** CRC-32 of the record's bytes. */
  readonly crcs: Uint32Array;
}

/** Columns of an index: element i is of sample i. */
export interface Index {
  readonly count: number;
  readonly labels: Int32Array;
  readonly widths: Uint32Array;
  readonly heights: Uint32Array;
  /** Of records of differing lengths. */
  readonly encoded: RecordPlaces | null;
  /** Path of sample i. */
  path(i: number): string;
  /** The same in UTF-8. */
  pathBytes(i: number): Uint8Array;
}

/** Columns of 32 bits: label, width, height, end of the path; of encoded records also end and CRC-32. */
const COLUMNS = 4, ENCODED_COLUMNS = 6;

/** Bytes of a piece of an index that is written. */
const PIECE = 1 << 18;

/** Samples by number: a million of them as objects would fill the memory. */
export interface Samples {
  readonly length: number;
  label(i: number): number;
  width(i: number): number;
  height(i: number): number;
  /** UTF-8. */
  path(i: number): Uint8Array;
}

/**
 * The file's bytes in pieces. Each is valid until the next is asked for.
 *
 * @param encoded where the records lie; left out where all have one size.
 * @throws {RangeError} if the paths take 4 GiB or more.
 */
export function* indexPieces(
  samples: Samples,
  encoded?: RecordPlaces,
): Generator<Uint8Array<ArrayBuffer>> {
  const { length } = samples;
  const ends = new Uint32Array(length);
  let pathBytes = 0;
  for (let i = 0; i < length; i++) {
    pathBytes += samples.path(i).length;
    if (pathBytes >= 2 ** 32) {
      throw new RangeError(`Cannot index ${length} samples: their paths take 4 GiB or more`);
    }
    ends[i] = pathBytes;
  }
  const columns = encoded === undefined ? COLUMNS : ENCODED_COLUMNS;
  const fileBytes = HEADER_BYTES + 4 * columns * length + pathBytes;
  yield encodeHeader("index", fileBytes, { samples: length, pathBytes, columns });
  yield* column(length, (i) => samples.label(i));
  yield* column(length, (i) => samples.width(i));
  yield* column(length, (i) => samples.height(i));
  yield* column(length, (i) => ends[i]!);
  if (encoded !== undefined) {
    yield* column(length, (i) => encoded.ends[i]!);
    yield* column(length, (i) => encoded.crcs[i]!);
  }
  yield* text(samples);
}

/** Bytes of the file of these samples. */
export function indexBytes(samples: Samples, store: "raw" | "jpeg"): number {
  let bytes = HEADER_BYTES + 4 * (store === "raw" ? COLUMNS : ENCODED_COLUMNS) * samples.length;
  for (let i = 0; i < samples.length; i++) bytes += samples.path(i).length;
  return bytes;
}

/** The file's bytes; see {@linkcode indexPieces}. */
export function encodeIndex(
  samples: readonly Sample[],
  encoded?: RecordPlaces,
): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const listed: Samples = {
    length: samples.length,
    label: (i) => samples[i]!.label,
    width: (i) => samples[i]!.width,
    height: (i) => samples[i]!.height,
    path: (i) => encoder.encode(samples[i]!.path),
  };
  const pieces = Array.from(indexPieces(listed, encoded), (piece) => piece.slice());
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) bytes.set(piece, (at += piece.length) - piece.length);
  return bytes;
}

/** 32 bits of each sample, negative ones as two's complement. */
function* column(
  length: number,
  value: (i: number) => number,
): Generator<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(PIECE);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (let i = 0; i < length; i++) {
    view.setUint32(at, value(i), true);
    at += 4;
    if (at < PIECE) continue;
    yield bytes;
    at = 0;
  }
  yield bytes.subarray(0, at);
}

/** All paths, one after another. */
function* text(samples: Samples): Generator<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(PIECE);
  let at = 0;
  for (let i = 0; i < samples.length; i++) {
    const path = samples.path(i);
    if (at + path.length > bytes.length) {
      yield bytes.subarray(0, at);
      at = 0;
      if (path.length > bytes.length) bytes = new Uint8Array(path.length);
    }
    bytes.set(path, at);
    at += path.length;
  }
  yield bytes.subarray(0, at);
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
  const { samples: count, pathBytes: textBytes } = header;
  const columns = header.columns === 0 ? COLUMNS : header.columns;
  const damaged = (what: string) =>
    new DataError(`Cannot read ${file}: ${what}; copy or prepare it again`);
  if (columns !== COLUMNS && columns !== ENCODED_COLUMNS) {
    throw damaged(`it has ${columns} columns`);
  }
  if (bytes.length !== HEADER_BYTES + 4 * columns * count + textBytes) {
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
  if ((ends[count - 1] ?? 0) !== textBytes) throw damaged("its paths are cut short");
  const paths = bytes.subarray(bytes.length - textBytes);
  const decoder = new TextDecoder();
  const pathBytes = (i: number) => paths.subarray(ends[i - 1] ?? 0, ends[i]);
  const path = (i: number) => decoder.decode(pathBytes(i));
  const encoded = columns === COLUMNS ? null : { ends: column(4), crcs: column(5) };
  return { count, labels, widths, heights, encoded, path, pathBytes };
}
