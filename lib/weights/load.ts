/** Weights of an encoder from wherever they are, under our names. */
import {
  loadCheckpointModel,
  openTensorFile,
  type StoredTensor,
  type TensorFile,
  type TensorInfo,
  toFloat32,
} from "../checkpoint/mod.ts";
import { DataError } from "../data/mod.ts";
import { arrayOver, DTYPES, type Shape, showShape } from "../tensor/mod.ts";
import { type EncoderConfig, encoderParameters, patchCount } from "../vit/mod.ts";
import { describedBeside, describedWithin } from "./described.ts";
import { type Located, locateWeights } from "./locate.ts";
import { type MatchReport, matchTensors, refusePartialMatch, showReport } from "./match.ts";
import type { Naming } from "./naming.ts";
import { chooseHeads, type HeadsFrom, shownSizes } from "./sizes.ts";
import { type Origin, recogniseNames } from "./translate.ts";

/** What {@linkcode loadWeights} is told. */
export interface LoadOptions {
  /** Heads of the encoder, where nothing says them. */
  readonly heads?: number | undefined;
  /** Take what matches an encoder and leave out the rest, instead of refusing. */
  readonly partial?: boolean | undefined;
  /** `encoder` (the default): its tensors alone. `all`: also decoder, projector and head, whatever is there. */
  readonly parts?: "encoder" | "all" | undefined;
  /** Told which tensors of the file matched, were ignored or are missing, in words. */
  onWeights?(match: string): void;
}

/** Weights, and what is known of them. */
export interface LoadedWeights {
  /** What was given. */
  readonly kind: Located["kind"];
  /** The checkpoint's folder or the file that was read. */
  readonly path: string;
  readonly naming: Naming;
  readonly sizes: EncoderConfig;
  readonly headsFrom: HeadsFrom;
  /** Heads of the decoder, where something says them. */
  readonly decoderHeads: number | null;
  /** By our names, floats as float32. `pos_embed`, `[1, 1 + L, D]`, is among them. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** How the file's tensors match the encoder's. */
  readonly report: MatchReport;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads weights from a run's folder (its best checkpoint, else its newest complete one), a checkpoint's folder, a folder of Hugging Face's, a
 * `.safetensors` file or one of `torch.save`, whose names may be timm's, MAE's or Hugging Face's.
 *
 * The sizes are those that the tensors' shapes show; the heads are those of the run's or the file's configuration, else of
 * the named size, else one for 64 columns.
 *
 * @throws {DataError} if there is nothing, the file is damaged or hostile, holds no such encoder or numbers that are none, or matches in part only.
 * @throws {ConfigError} if the heads cannot be, or have to be told.
 *
 * @example
 * ```ts
 * import { loadWeights, showReport } from "./mod.ts";
 *
 * const { naming, sizes, report } = loadWeights("run");
 * console.log(naming, sizes.width, showReport(report));
 * ```
 */
export function loadWeights(path: string, options: LoadOptions = {}): LoadedWeights {
  const { heads, partial = false, parts = "encoder" } = options;
  const located = locateWeights(path);
  using file = openLocated(located);
  const { naming, tensors: origins, unused, unknown } = namesOf(file, located.path);
  const infos = new Map([...origins].map(([ours, origin]) => {
    return [ours, joinedInfo(file, ours, origin)];
  }));
  const shown = shownSizes(infos);
  const told = describedWithin(file.metadata, shown) ?? describedBeside(located.configs, shown);
  const chosen = chooseHeads(shown, { option: heads, config: told?.heads });
  const sizes = { ...shown, heads: chosen.heads };
  const wanted = encoderTensors(sizes).filter(({ name }) => !isReplaced(name, infos));
  const match = matchTensors(infos, wanted, { unknown });
  const report = { ...match, ignored: [...match.ignored, ...unused] };
  if (!partial) refusePartialMatch(located.path, report);
  options.onWeights?.(showReport(report, parts === "all" ? "beside the encoder" : "ignored"));
  for (const name of report.matched) {
    const { dtype } = infos.get(name)!;
    if (!DTYPES[dtype].float) {
      throw new DataError(`Cannot use ${name} of ${located.path} as a weight: it is of ${dtype}`);
    }
  }
  const names = parts === "all" ? [...report.matched, ...match.ignored] : report.matched;
  return {
    kind: located.kind,
    path: located.path,
    naming,
    sizes,
    headsFrom: chosen.headsFrom,
    decoderHeads: told?.decoderHeads ?? null,
    tensors: new Map(names.map((name) => {
      const tensor = readJoined(file, name, origins.get(name)!);
      refuseNotFinite(name, tensor, located.path);
      return [name, tensor];
    })),
    report,
    metadata: file.metadata,
  };
}

/**
 * What an encoder's checkpoint holds: its parameters and its positions, by our names.
 *
 * @example
 * ```ts
 * import { encoderTensors } from "./mod.ts";
 *
 * const sizes = { imageSize: 16, patch: 4, width: 8, depth: 1, heads: 2, mlpRatio: 4 };
 * console.assert(encoderTensors(sizes).some(({ name }) => name === "pos_embed"));
 * ```
 */
export function encoderTensors(sizes: EncoderConfig): { name: string; shape: Shape }[] {
  const positions = { name: "pos_embed", shape: [1, 1 + patchCount(sizes), sizes.width] };
  return [positions, ...encoderParameters(sizes)];
}

/** A model fine-tuned on the mean of its patches has a norm after the mean instead of the encoder's. */
function isReplaced(name: string, infos: ReadonlyMap<string, unknown>): boolean {
  return /^norm\./.test(name) && !infos.has(name) && infos.has(`fc_${name}`);
}

function openLocated({ kind, path }: Located): TensorFile {
  return kind === "file" ? openTensorFile(path) : inMemory(path);
}

/** A checkpoint's model, every byte of which has been checked. */
function inMemory(path: string): TensorFile {
  const { metadata, tensors } = loadCheckpointModel(path).model;
  const infos = [...tensors].map(([name, { dtype, shape, data }]) => {
    return [name, { dtype, shape, bytes: data.byteLength }] as const;
  });
  return {
    format: "safetensors",
    metadata,
    tensors: new Map(infos),
    read: (name) => tensors.get(name)!,
    [Symbol.dispose]: () => {},
  };
}

function namesOf(file: TensorFile, path: string): ReturnType<typeof recogniseNames> {
  try {
    return recogniseNames(file.tensors.keys());
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(`${error.message}, in ${path}`, { cause: error });
  }
}

/** Type and shape of a tensor of ours. @throws {DataError} if its pieces do not fit together, or are no floats. */
function joinedInfo(file: TensorFile, ours: string, { names }: Origin): TensorInfo {
  const pieces = names.map((name) => file.tensors.get(name)!);
  const [first] = pieces as [TensorInfo];
  const { dtype, shape } = first;
  for (const [i, piece] of pieces.entries()) {
    if (showShape(piece.shape) !== showShape(shape) || piece.dtype !== dtype) {
      throw new DataError(
        `Cannot join ${names[0]} (${dtype} ${showShape(shape)}) and ${names[i]} ` +
          `(${piece.dtype} ${showShape(piece.shape)}) to ${ours}: they must be alike`,
      );
    }
  }
  const [rows = 1, ...rest] = shape;
  const whole = names.length === 1 ? shape : [names.length * rows, ...rest];
  const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
  return { dtype, shape: whole, bytes };
}

function readJoined(file: TensorFile, ours: string, origin: Origin): StoredTensor {
  const { shape } = joinedInfo(file, ours, origin);
  const pieces = origin.names.map((name) => {
    const tensor = file.read(name);
    return DTYPES[tensor.dtype].float ? toFloat32(tensor) : tensor;
  });
  const [first] = pieces as [StoredTensor];
  if (pieces.length === 1) return first;
  const data = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.data.length, 0));
  let at = 0;
  for (const piece of pieces) {
    data.set(piece.data, at);
    at += piece.data.length;
  }
  return { dtype: first.dtype, shape, data };
}

/** @throws {DataError} if a weight is no number: what came of it would be none either. */
function refuseNotFinite(name: string, { dtype, data }: StoredTensor, path: string): void {
  if (dtype !== "float32") return;
  const values = arrayOver("float32", data.byteOffset % 4 === 0 ? data : data.slice());
  let sum = 0; // of what is finite it is finite, too, and it is quick
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  if (Number.isFinite(sum)) return;
  const at = values.findIndex((x) => !Number.isFinite(x));
  throw new DataError(
    `Cannot use ${name} of ${path} as a weight: number ${at} is not finite; take a checkpoint of before it diverged`,
  );
}
