/** What sources hold, for tests; bytes of archives that no library writes. */
import { ImageTable } from "../../lib/data/image_table.ts";
import { listImages } from "../../lib/data/listing.ts";
import { openSources } from "../../lib/data/open_source.ts";
import type { Source, SourceEntry } from "../../lib/data/source.ts";

/** All entries of the one source at `path`; bytes are those that reading gave. */
export async function entriesOf(path: string): Promise<(SourceEntry & { bytes?: Uint8Array })[]> {
  const [source] = await openSources([path]);
  const found = [];
  for await (const entry of source!.entries()) {
    found.push(entry.kind === "file" ? { ...entry, bytes: await entry.read() } : entry);
  }
  return found;
}

/** What a source's images are: "path split/class" or "path !reason". */
export async function listed(source: Source | string): Promise<string[]> {
  const [opened] = typeof source === "string" ? await openSources([source]) : [source];
  const options = { prefix: "", decodes: "all", maxPixels: 1e6, onImage: () => {} } as const;
  const images = new ImageTable();
  const { names, skipped } = await listImages(opened!, images, options);
  return Array.from({ length: images.length }, (_, i) => {
    const [path, reason] = [images.paths.at(i, skipped(i)), images.reason(i)];
    if (reason !== undefined) return `${path} !${reason}`;
    return `${path} ${images.split(i)}/${names[images.label(i)] ?? "-"}`;
  });
}

/** A tar header in the oldest format there is, without a magic; and the file, padded. */
export function tarV7(
  name: string,
  bytes: Uint8Array,
  { type = "\0", link = "" }: { readonly type?: string; readonly link?: string } = {},
): Uint8Array {
  const block = new Uint8Array(512 + Math.ceil(bytes.length / 512) * 512);
  const put = (at: number, text: string) => block.set(new TextEncoder().encode(text), at);
  put(0, name);
  put(100, "0000644\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, `${bytes.length.toString(8).padStart(11, "0")}\0`);
  put(136, "00000000000\0");
  put(148, "        ");
  put(156, type);
  put(157, link);
  const sum = block.subarray(0, 512).reduce((a, b) => a + b, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  block.set(bytes, 512);
  return block;
}

/** The blocks as one file that ends as a tar does. */
export function endTar(...blocks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return joined(...blocks, new Uint8Array(1024));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Big-endian 32-bit numbers. */
export function uint32(...numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((value, i) => view.setUint32(4 * i, value));
  return new Uint8Array(view.buffer);
}

/** `length` bytes that follow from a seed. */
export function noise(seed: number, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 37 + seed * 101 + (i >> 5)) & 255);
}

export const bytesOf = (text: string) => new TextEncoder().encode(text);
