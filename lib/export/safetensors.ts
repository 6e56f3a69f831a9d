/** Weights for other libraries: safetensors under the names of timm, MAE or Hugging Face. */
import { Buffer } from "node:buffer";
import { basename, dirname, join } from "node:path";
import { IMAGENET_DEVIATION, IMAGENET_MEAN } from "../augment/mod.ts";
import { encodeSafetensors, type Json, type StoredTensor } from "../checkpoint/mod.ts";
import { sha256OfFile } from "../data/mod.ts";
import {
  checkPlace,
  exists,
  explainWrites,
  flushFolder,
  removeOrphans,
  replaceFolderAtomically,
  temporaryFor,
  writeDurably,
} from "../files/mod.ts";
import { ConfigError } from "../recipes/mod.ts";
import { arrayOver } from "../tensor/mod.ts";
import {
  loadWeights,
  MODEL_METADATA,
  namesIn,
  type Naming,
  type Part,
  renameTensors,
} from "../weights/mod.ts";
import { huggingFaceConfig, type HuggingFaceModel, huggingFaceProcessor } from "./huggingface.ts";
import type { HeadKind } from "./options.ts";
import type { ExportSource } from "./source.ts";
import { VerificationError } from "./verification_error.ts";

/** How to export. */
export interface SafetensorsOptions {
  /** A file, whose name ends in `.safetensors`; for Hugging Face also a folder, with its configuration. */
  readonly out: string;
  /** Default `mae`, whose names are timm's for the encoder. */
  readonly names?: Naming | undefined;
  /** `features`: without a classifier's head. Default: with it, if there is one. */
  readonly head?: HeadKind | undefined;
  /** Replace what is there already. Default false. */
  readonly force?: boolean | undefined;
  /** Further entries of the metadata. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** What was exported. */
export interface SafetensorsResult {
  /** The file that was written. */
  readonly out: string;
  /** What the tensors are called. */
  readonly names: Naming;
  /** Size of the weights' file. */
  readonly bytes: number;
  /** SHA-256 of the weights' file. */
  readonly sha256: string;
  /** Names in the file. */
  readonly tensors: readonly string[];
  /** Our names of the tensors that the scheme has no place for, or that were not asked for. */
  readonly leftOut: readonly string[];
  /** The class of transformers that loads it; null for other names. */
  readonly model: HuggingFaceModel | null;
  /** Largest difference between the file, read back under its own names, and the source: 0. */
  readonly difference: number;
}

/** Parts of a model that a scheme has names for. */
const PARTS: Readonly<Record<Naming, readonly Part[]>> = {
  timm: ["encoder", "head"],
  mae: ["encoder", "decoder", "head"],
  huggingface: ["encoder", "decoder", "head"],
};

const WEIGHTS = "model.safetensors";

/**
 * Writes the weights, reads them back and keeps them if they are the same, bit by bit.
 *
 * @throws {ConfigError} if the options contradict each other or the source, or there is something at `out` already.
 * @throws {VerificationError} if what was written is not what was to be written.
 *
 * @example
 * ```ts
 * import { exportSafetensors, readExportSource } from "./mod.ts";
 *
 * const { tensors } = exportSafetensors(readExportSource("run"), {
 *   out: "mae.safetensors",
 *   names: "mae",
 * });
 * console.assert(tensors.includes("cls_token"));
 * ```
 */
export function exportSafetensors(
  source: ExportSource,
  options: SafetensorsOptions,
): SafetensorsResult {
  const { out, names = "mae", metadata = {} } = options;
  const isFolder = !out.endsWith(".safetensors");
  refuseOut(options, isFolder);
  const kept = choose(source, names, options.head);
  const model = names === "huggingface" ? modelFor(source, kept) : null;
  const wrapped = model !== null && model !== "ViTModel";
  const tensors = renameTensors(kept, names, { wrapped });
  const chunks = encodeSafetensors(tensors, { ...describe(source, kept), ...metadata });
  let difference = NaN;
  let sha256 = "";
  const fill = (folder: string, name: string) => {
    const path = join(folder, name);
    writeDurably(path, chunks);
    if (isFolder && model !== null) {
      writeJson(join(folder, "config.json"), huggingFaceConfig(model, source));
      writeJson(join(folder, "preprocessor_config.json"), huggingFaceProcessor(source));
    }
    difference = differenceTo(path, kept, source.encoder.heads);
    if (difference !== 0) {
      throw new VerificationError(
        `Cannot vouch for ${out}, so it was removed: read back, it differs by ${difference}`,
      );
    }
    sha256 = sha256OfFile(path);
  };
  if (isFolder) removeOrphans(out);
  if (isFolder) replaceFolderAtomically(out, (folder) => fill(folder, WEIGHTS));
  else explainWrites(out, () => placeFile(out, fill));
  return {
    out,
    names,
    bytes: chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
    sha256,
    tensors: [...tensors.keys()].sort(),
    leftOut: [...source.tensors.keys()].filter((name) => !kept.has(name)).sort(),
    model,
    difference,
  };
}

function refuseOut({ out, names, force = false }: SafetensorsOptions, isFolder: boolean): void {
  if (isFolder && names !== "huggingface") {
    throw new ConfigError(
      `Cannot write ${out} with the names of ${
        names ?? "mae"
      }: the file's name must end in .safetensors`,
    );
  }
  checkPlace(out);
  if (!exists(out)) return;
  if (!force) throw new ConfigError(`Cannot write ${out}: it exists; use --force to replace it`);
  const isOther = Deno.statSync(out).isDirectory !== isFolder;
  // A folder is replaced as a whole, so it must be one that was written by an export
  if (isOther || (isFolder && !exists(join(out, WEIGHTS)))) {
    throw new ConfigError(`Cannot replace ${out}: it is not what an export writes`);
  }
}

/** The tensors that the scheme has a place for. */
function choose(
  { tensors, classes }: ExportSource,
  names: Naming,
  head: HeadKind | undefined,
): Map<string, StoredTensor> {
  if (head === "classifier" && classes === null) {
    throw new ConfigError(
      "Cannot export a classifier: the checkpoint has no head; export --head features, or a fine-tuned run",
    );
  }
  const isTaken = (name: string) => {
    const place = namesIn(names, name);
    if (place === null || !PARTS[names].includes(place.part)) return false;
    // The norm before the head belongs to the features: without it they are not what was trained
    return head !== "features" || place.part !== "head" || name.startsWith("fc_norm.");
  };
  return new Map([...tensors].filter(([name]) => isTaken(name)));
}

/** The model of Hugging Face's that the tensors make. @throws {ConfigError} if there is none. */
function modelFor(
  { pooledNorm, decoderHeads = null }: ExportSource,
  kept: ReadonlyMap<string, StoredTensor>,
): HuggingFaceModel {
  if (pooledNorm) {
    throw new ConfigError(
      "Cannot export with the names of huggingface: its ViT takes CLS, and this model the mean of the patches; use " +
        "--names timm",
    );
  }
  if (!kept.has("decoder_embed.weight")) {
    return kept.has("head.weight") ? "ViTForImageClassification" : "ViTModel";
  }
  if (decoderHeads === null) {
    throw new ConfigError(
      "Cannot export with the names of huggingface: nothing says how many heads the decoder has; export from the run",
    );
  }
  return "ViTMAEForPreTraining";
}

/** What the file says of itself. `format` is what transformers looks for. */
function describe(
  { encoder, decoderHeads = null, pooledNorm, classes, provenance }: ExportSource,
  kept: ReadonlyMap<string, StoredTensor>,
): Record<string, string> {
  const model = decoderHeads === null ? encoder : { ...encoder, decoderHeads };
  return {
    ...provenance,
    format: "pt",
    [MODEL_METADATA]: JSON.stringify(model),
    mean: JSON.stringify(IMAGENET_MEAN),
    std: JSON.stringify(IMAGENET_DEVIATION),
    pool: pooledNorm ? "mean" : "cls",
    ...classes !== null && kept.has("head.weight") ? { classes: JSON.stringify(classes) } : {},
  };
}

/** Largest difference of the file's tensors, read by their names; infinite if one is missing or of another shape. */
function differenceTo(
  path: string,
  expected: ReadonlyMap<string, StoredTensor>,
  heads: number,
): number {
  const { tensors } = loadWeights(path, { heads, parts: "all" });
  if (tensors.size !== expected.size) return Infinity;
  let largest = 0;
  for (const [name, { dtype, data }] of expected) {
    const found = tensors.get(name);
    if (found?.dtype !== dtype || found.data.length !== data.length) return Infinity;
    if (Buffer.compare(found.data, data) === 0) continue;
    if (dtype !== "float32") return Infinity;
    const there = arrayOver("float32", found.data);
    const difference = arrayOver("float32", data).map((x, i) => Math.abs(x - there[i]!));
    largest = difference.reduce((a, b) => a >= b ? a : Number.isNaN(b) ? Infinity : b, largest);
  }
  return largest;
}

/** Makes the file in a folder beside it, and moves it to its name once `fill` has returned. */
function placeFile(out: string, fill: (folder: string, name: string) => void): void {
  const folder = temporaryFor(out);
  const remove = () => {
    if (exists(folder)) Deno.removeSync(folder, { recursive: true });
  };
  removeOrphans(out);
  Deno.mkdirSync(folder);
  try {
    fill(folder, basename(out));
    Deno.renameSync(join(folder, basename(out)), out);
    flushFolder(dirname(out));
  } finally {
    remove();
  }
}

function writeJson(path: string, json: Json): void {
  writeDurably(path, [new TextEncoder().encode(JSON.stringify(json, null, 2) + "\n")]);
}
