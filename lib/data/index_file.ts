/** A split's index: label, original size and source path of every sample; docs/dataset-format.md. */
import { arrayOver } from "../tensor/mod.ts";
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

/** Columns of an index: element i is of sample i. */
export interface Index {
  readonly count: number;
  readonly labels: Int32Array;
  readonly widths: Uint32Array;
  readonly heights: Uint32Array;
  /** Path of sample i. */
  path(i: number): string;
}

/** Columns of 32 bits: label, width, height, end of the path. */
const COLUMNS = 4;

/** The file's bytes. @throws {RangeError} if the paths take 4 GiB or more. */
export function encodeIndex(samples: readonly Sample[]): Uint8Array<ArrayBuffer> {
  const paths = new TextEncoder().encode(samples.map((sample) => sample.path).join(""));
  if (paths.length >= 2 ** 32) {
    throw new RangeError(`Cannot index ${samples.length} samples: their paths take 4 GiB or more`);
  }
  const count = samples.length;
  const fileBytes = HEADER_BYTES + 4 * COLUMNS * count + paths.length;
  const bytes = new Uint8Array(fileBytes);
  bytes.set(encodeHeader("index", fileBytes, { samples: count, pathBytes: paths.length }));
  const view = new DataView(bytes.buffer, HEADER_BYTES);
  let end = 0;
  samples.forEach(({ path, label, width, height }, i) => {
    end += utf8Length(path);
    view.setInt32(4 * i, label, true);
    view.setUint32(4 * (count + i), width, true);
    view.setUint32(4 * (2 * count + i), height, true);
    view.setUint32(4 * (3 * count + i), end, true);
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
  const { samples: count, pathBytes } = decodeHeader("index", bytes, {
    file,
    fileBytes: bytes.length,
  });
  const damaged = (what: string) =>
    new DataError(`Cannot read ${file}: ${what}; copy or prepare it again`);
  if (bytes.length !== HEADER_BYTES + 4 * COLUMNS * count + pathBytes) {
    throw damaged(`${count} samples do not fill ${bytes.length} bytes`);
  }
  const column = (i: number) =>
    bytes.subarray(HEADER_BYTES + 4 * count * i, HEADER_BYTES + 4 * count * (i + 1));
  const labels = arrayOver("int32", column(0));
  const [widths, heights, ends] = [1, 2, 3].map((i) => {
    const { buffer, byteOffset } = column(i);
    return new Uint32Array(buffer, byteOffset, count);
  }) as [Uint32Array, Uint32Array, Uint32Array];
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
  return { count, labels, widths, heights, path };
}

function utf8Length(path: string): number {
  let bytes = 0;
  for (const character of path) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
