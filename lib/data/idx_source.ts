/** MNIST's format, IDX: http://yann.lecun.com/exdb/mnist. Also EMNIST, Fashion-MNIST, KMNIST and QMNIST's images. */
import { basename, dirname } from "node:path";
import { byteStream, records, startOf } from "./byte_stream.ts";
import { DataError } from "./error.ts";
import type { Opened, Source, SourceEntry } from "./source.ts";

/** Element type "unsigned byte" in the third byte of the magic; the fourth is the number of axes. */
const UINT8 = 8;

/** Most pixels of an image here: the format is made for small ones. */
const MOST_PIXELS = 1 << 24;

/** True if a file that starts so is an IDX of unsigned bytes. */
export function isIdx(start: Uint8Array): boolean {
  return start[0] === 0 && start[1] === 0 && start[2] === UINT8 && start[3]! >= 1 && start[3]! <= 4;
}

/** True if a file of this name holds images as IDX. */
export function isIdxImages(name: string): boolean {
  return /images.*idx3-ubyte(\.gz)?$/i.test(name);
}

/**
 * Images `[n, height, width]`, grey, or `[n, height, width, 3]` in the file at `path`, labelled by the file beside it
 * that is called the same but for `labels` and `idx1` in the places of `images` and `idx3`, if there is one.
 */
export function idxSource({ path, gzip, name, split }: Opened): Source {
  async function* entries(): AsyncGenerator<SourceEntry> {
    const { count, width, height, channels } = await shapeOf(path);
    const labels = await labelsOf(path, count);
    if (labels === undefined) {
      yield { kind: "warning", message: `${path} has no file of labels beside it: unlabelled` };
    }
    const header = { format: "raw", width, height, orientation: 1 } as const;
    const bytes = width * height * channels;
    const stream = from(byteStream(path, { gzip }), channels === 1 ? 16 : 20);
    let number = 0;
    for await (const record of records(stream, { bytes, file: path })) {
      if (number === count) throw new DataError(`Cannot read ${path}: it holds more than it says`);
      yield {
        kind: "file",
        path: String(number).padStart(6, "0"),
        size: 3 * width * height,
        place: { split, label: labels?.[number] },
        header,
        read: () => Promise.resolve(channels === 1 ? threefold(record) : record.slice()),
      };
      number++;
    }
    if (number < count) {
      throw new DataError(`Cannot read ${path}: it ends after ${number} of ${count} images`);
    }
  }
  return { name, split, entries };
}

async function shapeOf(path: string) {
  const { start } = await startOf(path, 20);
  const axes = start[3] ?? 0;
  if (axes < 3 || start.length < 4 + 4 * axes) {
    throw new DataError(
      `Cannot read ${path} as images: it is an IDX file of ${axes} axes, not 3 or 4`,
    );
  }
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const [count, height, width] = [view.getUint32(4), view.getUint32(8), view.getUint32(12)];
  const channels = axes === 4 ? view.getUint32(16) : 1;
  const pixels = width * height;
  if (pixels === 0 || pixels > MOST_PIXELS || (axes === 4 && channels !== 3)) {
    throw new DataError(
      `Cannot read ${path} as images: it holds images of ${height} x ${width} x ${channels}`,
    );
  }
  return { count, width, height, channels };
}

/** A label an image; `undefined` if there is no such file. */
async function labelsOf(path: string, count: number): Promise<Uint8Array | undefined> {
  const name = basename(path).replace(/images/i, "labels").replace(/idx[34]/i, "idx1");
  const plain = `${dirname(path)}/${name.replace(/\.gz$/i, "")}`;
  for (const file of [`${dirname(path)}/${name}`, plain, `${plain}.gz`]) {
    if (file === path || !await Deno.stat(file).then(() => true, () => false)) continue;
    const { start, gzip } = await startOf(file, 8);
    const said = start.length < 8 ? 0 : new DataView(start.buffer, start.byteOffset).getUint32(4);
    if (!isIdx(start) || start[3] !== 1 || said !== count) {
      throw new DataError(`Cannot read ${file} as labels: it is no IDX file of ${count} labels`);
    }
    const labels = new Uint8Array(count);
    let at = 0;
    for await (const chunk of from(byteStream(file, { gzip }), 8)) {
      if (at + chunk.length > count) at = Infinity;
      else labels.set(chunk, at);
      at += chunk.length;
    }
    if (at === count) return labels;
    throw new DataError(
      `Cannot read ${file} as labels: it does not hold the ${count} that it says`,
    );
  }
  return undefined;
}

/** The stream without its first `count` bytes. */
async function* from(
  stream: AsyncIterable<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    if (chunk.length > count) yield chunk.subarray(count);
    count = Math.max(0, count - chunk.length);
  }
}

/** Grey as red, green and blue. */
function threefold(grey: Uint8Array): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(3 * grey.length);
  grey.forEach((value, i) => pixels.fill(value, 3 * i, 3 * i + 3));
  return pixels;
}
