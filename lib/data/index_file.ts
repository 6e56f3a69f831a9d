/** A split's index: label, original size and source path of every sample, and where it lies; docs/dataset-format.md. */
import { DataError } from "./error.ts";
import { decodeHeader, encodeHeader, HEADER_BYTES } from "./header.ts";

/** Width and height of an image in pixels. */
export interface Size {
  readonly width: number;
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

/**
 * The file's bytes.
 *
 * @param encoded where the records lie, one for each sample; left out where all have one size.
 * @throws {RangeError} if the paths take 4 GiB or more.
 */
export function encodeIndex(
  samples: readonly Sample[],
  encoded?: readonly RecordPlace[],
): Uint8Array<ArrayBuffer> {
  const paths = new TextEncoder().encode(samples.map((sample) => sample.path).join(""));
  if (paths.length >= 2 ** 32) {
    throw new RangeError(`Cannot index ${samples.length} samples: their paths take 4 GiB or more`);
  }
  const count = samples.length;
  const columns = encoded === undefined ? COLUMNS : ENCODED_COLUMNS;
  const fileBytes = HEADER_BYTES + 4 * columns * count + paths.length;
  const bytes = new Uint8Array(fileBytes);
  const fields = { samples: count, pathBytes: paths.length, columns };
  bytes.set(encodeHeader("index", fileBytes, fields));
  const view = new DataView(bytes.buffer, HEADER_BYTES);
  let end = 0;
  samples.forEach(({ path, label, width, height }, i) => {
    end += utf8Length(path);
    view.setInt32(4 * i, label, true);
    view.setUint32(4 * (count + i), width, true);
    view.setUint32(4 * (2 * count + i), height, true);
    view.setUint32(4 * (3 * count + i), end, true);
  });
  encoded?.forEach(({ end, crc }, i) => {
    view.setUint32(4 * (4 * count + i), end, true);
    view.setUint32(4 * (5 * count + i), crc, true);
  });
  bytes.set(paths, fileBytes - paths.length);
  return bytes;
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
