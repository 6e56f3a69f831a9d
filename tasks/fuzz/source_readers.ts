/** Readers of archives, tables and lists of images: all entries and the bytes of each. */
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { packTar } from "modern-tar";
import { ImageTable } from "../../lib/data/image_table.ts";
import { listImages } from "../../lib/data/listing.ts";
import { openSources } from "../../lib/data/open_source.ts";
import { digest } from "./digest.ts";
import { MAX_PIXELS } from "./image_readers.ts";
import { mendTar } from "./mend.ts";
import type { Dialect, Files } from "./mutate.ts";
import { picture } from "./pictures.ts";
import type { Reader } from "./reader.ts";

const FIXTURES = fileURLToPath(new URL("../../tests/fixtures/parquet/", import.meta.url));

const text = (content: string) => new TextEncoder().encode(content);

/** All kinds of sources. @returns readers by what is put into the folder. */
export function sourceReaders(): Reader[] {
  return [
    sourceReader("tar", { mend: mendTar, tokens: ["../", "ustar", "00000000017"] }, tars),
    sourceReader(
      "tar.gz",
      {},
      async () =>
        (await tars()).map((files) =>
          new Map([...files].map(([, bytes]) => ["source.tar.gz", gzipped(bytes)]))
        ),
    ),
    sourceReader(
      "csv",
      { tokens: [",", "\t", "\n", "../../a.jpg", "path", "label"] },
      lists("csv"),
    ),
    sourceReader("jsonl", { tokens: ["\n", ":", "../../a.jpg", '"path"'] }, lists("jsonl")),
    sourceReader("cifar", {}, cifar),
    sourceReader("idx", {}, idx),
    sourceReader("parquet", { tokens: ["PAR1"] }, parquet),
  ];
}

/** A reader of the one source that its input's first file is. */
function sourceReader(name: string, dialect: Dialect, valid: () => Promise<Files[]>): Reader {
  return {
    name,
    dialect,
    valid,
    async read(folder) {
      const sources = await openSources([`${folder}/${SOURCES[name]!}`]);
      const found: unknown[] = [];
      for (const source of sources) {
        for await (const entry of source.entries()) {
          found.push(entry.kind === "file" ? entry.path : entry.kind);
          if (entry.kind === "file") found.push(await entry.read());
        }
        const options = { decodes: "all", maxPixels: MAX_PIXELS, onImage: () => {} } as const;
        const images = new ImageTable();
        const { names, empty } = await listImages(source, images, { prefix: "", ...options });
        for (let i = 0; i < images.length; i++) {
          const reason = images.reason(i);
          const what = reason ?? [images.header(i), images.split(i), names[images.label(i)]];
          found.push([images.paths.at(i), what]);
        }
        found.push(empty);
      }
      return digest(...found);
    },
  };
}

/** What is opened, in the folder of an input. */
const SOURCES: Readonly<Record<string, string>> = {
  tar: "source.tar",
  "tar.gz": "source.tar.gz",
  csv: "list.csv",
  jsonl: "list.jsonl",
  cifar: ".",
  idx: "images-idx3-ubyte",
  parquet: "train.parquet",
};

async function tars(): Promise<Files[]> {
  const [jpeg, png] = [await picture("jpeg"), await picture("png")];
  const contents: readonly Record<string, Uint8Array>[] = [
    { "a/0.jpg": jpeg, "a/1.png": png, "b/2.jpg": jpeg },
    { "0.jpg": jpeg, "0.cls": text("1"), "1.png": png, "1.json": text('{"label": "x"}') },
    { [`train/${"long/".repeat(40)}0.jpg`]: jpeg, "val/é/1.jpg": jpeg },
  ];
  return await Promise.all(contents.map(async (files) => {
    const entries = Object.entries(files).map(([name, body]) => {
      return { header: { name, size: body.length, mtime: new Date(0) }, body };
    });
    return new Map([["source.tar", await packTar(entries)]]);
  }));
}

function gzipped(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(bytes));
}

function lists(kind: "csv" | "jsonl") {
  return async (): Promise<Files[]> => {
    const [jpeg, png] = [await picture("jpeg"), await picture("png")];
    const rows = [["images/a.jpg", "cat", "train"], ["images/b.png", "dog", "val"]];
    const csv = ["path,label,split", ...rows.map((row) => row.map((x) => `"${x}"`).join(","))];
    const json = rows.map(([path, label, split]) => JSON.stringify({ path, label, split }));
    const list = text((kind === "csv" ? csv : json).join("\n") + "\n");
    return [new Map([[`list.${kind}`, list], ["images/a.jpg", jpeg], ["images/b.png", png]])];
  };
}

function cifar(): Promise<Files[]> {
  const records = (labels: number) => bytesOf(3 * (labels + 3072), (i) => i % (labels + 3072) % 10);
  return Promise.resolve([
    new Map([["data_batch_1.bin", records(1)], ["batches.meta.txt", text("a\nb\nc\n")]]),
    new Map([["train.bin", records(2)], ["fine_label_names.txt", text("a\nb\nc\n")]]),
  ]);
}

function idx(): Promise<Files[]> {
  const head = (axes: readonly number[]) => {
    const view = new DataView(new ArrayBuffer(4 + 4 * axes.length));
    view.setUint32(0, 0x800 + axes.length);
    axes.forEach((axis, i) => view.setUint32(4 + 4 * i, axis));
    return [...new Uint8Array(view.buffer)];
  };
  const images = (axes: readonly number[]) => {
    const values = bytesOf(axes.reduce((a, b) => a * b, 1), (i) => i * 7);
    return Uint8Array.from([...head(axes), ...values]);
  };
  const labels = Uint8Array.from([...head([5]), 0, 1, 2, 1, 0]);
  return Promise.resolve([
    new Map([["images-idx3-ubyte", images([5, 8, 6])], ["labels-idx1-ubyte", labels]]),
    new Map([["images-idx3-ubyte", images([5, 8, 6, 3])], ["labels-idx1-ubyte", labels]]),
  ]);
}

function parquet(): Promise<Files[]> {
  const names = ["train-00000-of-00001", "plain"];
  return Promise.resolve(names.map((name) => {
    const bytes = Deno.readFileSync(`${FIXTURES}${name}.parquet`);
    return new Map([["train.parquet", bytes]]);
  }));
}

function bytesOf(length: number, value: (i: number) => number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => value(i) & 255);
}
