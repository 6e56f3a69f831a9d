/** CIFAR-10 and CIFAR-100 as their authors publish them for C programs: https://www.cs.toronto.edu/~kriz/cifar.html. */
import { byteStream, records } from "./byte_stream.ts";
import type { SplitName } from "./manifest.ts";
import type { Opened, Source, SourceEntry, SourceFile } from "./source.ts";
import { tarEntries } from "./tar_entries.ts";
import { partsOf } from "./tar_source.ts";

const SIDE = 32;
const PLANE = SIDE * SIDE;

/** Names of the classes; CIFAR-100's 100 fine ones, not its 20 coarse ones. */
const NAMES = ["batches.meta.txt", "fine_label_names.txt"] as const;

/** What else is in the archives. */
const OTHERS = ["readme.html", "coarse_label_names.txt"] as const;

/** A file that may be one of the archive. */
interface ArchiveFile {
  readonly name: string;
  stream(): AsyncIterable<Uint8Array>;
}

/** True if a file of this name holds images of CIFAR. */
export function isCifarFile(name: string): boolean {
  return /^(data_batch_\d|test_batch|train|test)\.bin$/.test(name);
}

/** True if the first files of a tar are CIFAR's. */
export async function isCifarTar(opened: Opened): Promise<boolean> {
  for await (const entry of tarEntries(opened)) {
    const name = partsOf(entry).at(-1) ?? "";
    if (entry.kind !== "file" || name === "") continue;
    if (isCifarFile(name)) return true;
    if (![...NAMES, ...OTHERS].some((known) => known === name)) return false;
  }
  return false;
}

/** The archive as it comes, gzipped or not. */
export function cifarTar(opened: Opened): Source {
  return cifarSource(opened, async function* () {
    for await (const entry of tarEntries(opened)) {
      if (entry.kind === "file") yield { name: partsOf(entry).at(-1) ?? "", stream: entry.stream };
    }
  });
}

/** A folder into which the archive was unpacked. */
export function cifarFolder(opened: Opened): Source {
  return cifarSource(opened, async function* () {
    const names = await Array.fromAsync(Deno.readDir(opened.path), ({ name }) => name);
    for (const name of names.sort()) {
      yield { name, stream: () => byteStream(`${opened.path}/${name}`, { gzip: false }) };
    }
  });
}

function cifarSource({ name, split }: Opened, files: () => AsyncIterable<ArchiveFile>): Source {
  async function* entries(): AsyncGenerator<SourceEntry> {
    for await (const file of files()) {
      if (NAMES.some((known) => known === file.name)) {
        yield { kind: "classes", names: await linesOf(file.stream()) };
      } else if (isCifarFile(file.name)) {
        yield* images(file);
      }
    }
  }
  return { name, split, entries };
}

/** A record is a label, in CIFAR-100 a coarse and a fine one, and the planes red, green, blue. */
async function* images(file: ArchiveFile): AsyncGenerator<SourceFile> {
  const stem = file.name.replace(/\.bin$/, "");
  const labels = stem.includes("batch") ? 1 : 2;
  const split: SplitName = stem.startsWith("test") ? "test" : "train";
  const header = { format: "raw", width: SIDE, height: SIDE, orientation: 1 } as const;
  let number = 0;
  for await (
    const record of records(file.stream(), { bytes: labels + 3 * PLANE, file: file.name })
  ) {
    yield {
      kind: "file",
      path: `${stem}/${String(number++).padStart(5, "0")}`,
      size: 3 * PLANE,
      place: { split, label: record[labels - 1] },
      header,
      read: () => Promise.resolve(interleave(record.subarray(labels))),
    };
  }
}

function interleave(planes: Uint8Array): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(3 * PLANE);
  for (let i = 0; i < PLANE; i++) {
    pixels[3 * i] = planes[i]!;
    pixels[3 * i + 1] = planes[PLANE + i]!;
    pixels[3 * i + 2] = planes[2 * PLANE + i]!;
  }
  return pixels;
}

async function linesOf(stream: AsyncIterable<Uint8Array>): Promise<string[]> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}
