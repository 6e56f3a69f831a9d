/** Readers of what the project writes itself: datasets, checkpoints, tensors. */
import {
  encodeNpy,
  encodeSafetensors,
  latestCheckpoint,
  loadCheckpoint,
  openTensorFile,
  readNpy,
  readSafetensors,
  saveCheckpoint,
  type StoredTensor,
} from "../../lib/checkpoint/mod.ts";
import { fileURLToPath } from "node:url";
import { openDataset, prepare } from "../../lib/data/mod.ts";
import { digest } from "./digest.ts";
import { mendHeader, mendSafetensors, mendZip } from "./mend.ts";
import type { Files } from "./mutate.ts";
import { pictures } from "./pictures.ts";
import { type Reader, readFiles, writeFiles } from "./reader.ts";

/** Packed datasets: everything that a reader may ask of one. */
export const datasetReader: Reader = {
  name: "dataset",
  dialect: { mend: mendHeader, tokens: ["CCMIMSHD", "CCMIMIDX", '"../a.bin"', '"train"', "é"] },
  async valid(work) {
    const images = await pictures("jpeg");
    const [source, target] = [`${work}/source`, `${work}/dataset`];
    writeFiles(new Map(images.map((bytes, i) => [`${"ab"[i % 2]}/${i}.jpg`, bytes])), source);
    await prepare(source, target, { size: 16, workers: 1, valFraction: 0.3, shardBytes: 2000 });
    return [readFiles(target)];
  },
  read(folder) {
    using dataset = openDataset(folder);
    const found: unknown[] = [dataset.manifest];
    for (const name of dataset.splits) {
      const split = dataset.split(name);
      const record = new Uint8Array(split.recordBytes);
      for (let i = 0; i < split.count; i++) {
        split.read(i, record);
        found.push(split.label(i), split.path(i), split.storedSize(i), record.slice());
      }
    }
    return Promise.resolve(digest(...found));
  },
};

const FILE = "tensors";

function tensors(): Map<string, StoredTensor> {
  const data = (length: number) => Uint8Array.from({ length }, (_, i) => i);
  return new Map<string, StoredTensor>([
    ["weight", { dtype: "float32", shape: [3, 5], data: data(60) }],
    ["half", { dtype: "float16", shape: [7], data: data(14) }],
    ["count", { dtype: "int64", shape: [], data: data(8) }],
    ["flags", { dtype: "bool", shape: [2, 0], data: data(0) }],
  ]);
}

/** Safetensors files. */
export const safetensorsReader: Reader = {
  name: "safetensors",
  dialect: {
    mend: mendSafetensors,
    tokens: ['"F64"', '"I64"', "data_offsets", '"__metadata__"', "4611686018427387904"],
  },
  valid: () => Promise.resolve([single(encodeSafetensors(tensors(), { format: "pt" }))]),
  read(folder) {
    const { metadata, tensors } = readSafetensors(`${folder}/${FILE}`);
    return Promise.resolve(digest(
      metadata,
      ...[...tensors].flatMap(([name, tensor]) => {
        return [name, tensor.dtype, tensor.shape, tensor.data];
      }),
    ));
  },
};

const PTH = fileURLToPath(new URL("../../tests/fixtures/pth/", import.meta.url));

/** Files of torch.save. */
export const pthReader: Reader = {
  name: "pth",
  dialect: {
    mend: mendZip,
    tokens: ["os\nsystem\n", "builtins\neval\n", "DoubleStorage", "2.", "\x80\x02", "PK\x05\x06"],
  },
  valid: () =>
    Promise.resolve(
      ["plain", "nested"].map((name) => single([Deno.readFileSync(`${PTH}${name}.pth`)])),
    ),
  read(folder) {
    using file = openTensorFile(`${folder}/${FILE}`);
    return Promise.resolve(digest(
      file.metadata,
      ...[...file.tensors.keys()].flatMap((name) => {
        const { dtype, shape, data } = file.read(name);
        return [name, dtype, shape, data];
      }),
    ));
  },
};

/** NumPy's files. */
export const npyReader: Reader = {
  name: "npy",
  dialect: { tokens: ["'<f8'", "'|O'", "True", "4611686018427387904,", "'shape': ("] },
  valid: () =>
    Promise.resolve(
      [...tensors().values()].filter(({ dtype }) => dtype === "float32" || dtype === "int64")
        .map((tensor) => single([encodeNpy(tensor)])),
    ),
  read(folder) {
    const { dtype, shape, data } = readNpy(`${folder}/${FILE}`);
    return Promise.resolve(digest(dtype, shape, data));
  },
};

/** Checkpoints of a run: the one that is found, whole. */
export const checkpointReader: Reader = {
  name: "checkpoint",
  dialect: { tokens: ['"sha256"', '"step"', "ccmim-checkpoint-1"] },
  valid(work) {
    const position = { microBatch: 4, seed: 0 };
    saveCheckpoint(work, 2, { model: tensors(), state: tensors(), position });
    return Promise.resolve([readFiles(work)]);
  },
  read(folder) {
    const place = latestCheckpoint(folder);
    if (place === null) return Promise.resolve("none");
    const { model, state, position } = loadCheckpoint(place.path);
    return Promise.resolve(digest(position, [...model.tensors.keys()], [...state.tensors.keys()]));
  },
};

function single(chunks: readonly Uint8Array[]): Files {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return new Map([[FILE, bytes]]);
}
