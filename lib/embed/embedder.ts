/** A model that turns images into features or scores, from a checkpoint or from an exported file. */
import { Buffer } from "node:buffer";
import { DataError } from "../data/mod.ts";
import {
  buildModel,
  type ExportSource,
  IMAGES,
  type InputKind,
  normalisedPlanes,
  openModel,
  type OutputName,
  readExportSource,
  type SourceOptions,
} from "../export/mod.ts";
import { decode, encodeModel } from "../onnx/mod.ts";
import { ConfigError } from "../recipes/mod.ts";
import type { Environment, Session, SessionOptions, TensorData } from "../runtime/mod.ts";
import { showShape } from "../tensor/mod.ts";

/** What stands for an image. */
export const POOLS = ["cls", "mean"] as const;
/** `cls`: CLS after the norm; `mean`: the mean of the patches. */
export type Pool = (typeof POOLS)[number];

/** What is wanted of a model: features, or the scores of classes. */
export type Wanted = Pool | "logits";

/** The output that gives it. */
const OUTPUTS: Readonly<Record<Wanted, OutputName>> = {
  cls: "cls",
  mean: "pooled",
  logits: "logits",
};

/** A model, open. */
export interface Embedder extends Disposable {
  /** Pixels of a side of the images that it takes. */
  readonly size: number;
  /** Numbers of an image. */
  readonly width: number;
  /** Names of the classes; null unless scores are wanted. */
  readonly classes: readonly string[] | null;
  /** uint8 `[count, size, size, 3]` -> `[count, width]`. */
  run(pixels: Uint8Array<ArrayBuffer>, count: number): Float32Array;
}

/** Where models are opened. */
export interface EmbedderOptions {
  readonly wanted: Wanted;
  readonly environment: Environment;
  readonly session: SessionOptions;
}

/**
 * The model of a run, a checkpoint or a file of weights.
 *
 * @throws {DataError} if there is none at the path, or it matches in part only.
 * @throws {ConfigError} if it has no head and scores are wanted.
 */
export function openCheckpoint(
  path: string,
  options: EmbedderOptions & SourceOptions,
): Embedder {
  const { wanted, environment, session } = options;
  const source = readExportSource(path, options);
  if (wanted === "logits" && source.classes === null) {
    throw new ConfigError(
      `Cannot classify with ${path}: it has no head; give a fine-tuned run, or leave out --classify`,
    );
  }
  const model = buildModel(wanted === "logits" ? source : withoutHead(source), {
    input: "uint8",
    outputs: [OUTPUTS[wanted]],
    dtype: "float32",
    quantize: null,
  });
  const opened = environment.session(Buffer.concat(encodeModel(model)), {
    graphOptimization: "all",
    ...session,
  });
  return embedder(opened, { kind: "uint8", output: OUTPUTS[wanted], classes: source.classes });
}

/**
 * An exported ONNX model.
 *
 * @throws {DataError} if it is none, or takes or gives something else.
 */
export function openExported(path: string, options: EmbedderOptions): Embedder {
  const { wanted, environment, session: sessionOptions } = options;
  const what = `Cannot use ${path} as an exported model`;
  let session: Session;
  try {
    session = openModel(path, environment, sessionOptions);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      throw new DataError(`Cannot read ${path}: there is no such file`, { cause });
    }
    throw new DataError(`${what}: ONNX Runtime does not open it (${(cause as Error).message})`, {
      cause,
    });
  }
  try {
    const kind = inputKind(session, what);
    const names = session.outputs.map(({ name }) => name);
    const output = OUTPUTS[wanted];
    if (!names.includes(output)) {
      const lack = wanted === "logits"
        ? "; export it from a fine-tuned run, or leave out --classify"
        : "";
      throw new DataError(`${what}: it has no output ${output}, but ${names.join(", ")}${lack}`);
    }
    return embedder(session, { kind, output, classes: classesIn(path) });
  } catch (error) {
    session[Symbol.dispose]();
    throw error;
  }
}

function embedder(
  session: Session,
  { kind, output, classes }: {
    readonly kind: InputKind;
    readonly output: OutputName;
    readonly classes: readonly string[] | null;
  },
): Embedder {
  const [, height] = session.inputs[0]!.shape as [number, number];
  const size = kind === "uint8" ? height : session.inputs[0]!.shape[2]!;
  const { shape } = session.outputs.find(({ name }) => name === output)!;
  const width = shape.at(-1)!;
  const named = classes?.length === width
    ? classes
    : Array.from({ length: width }, (_, i) => String(i));
  return {
    size,
    width,
    classes: output === "logits" ? named : null,
    run: (data, count) => {
      const images: TensorData = { dtype: "uint8", shape: [count, size, size, 3], data };
      const given = kind === "uint8" ? images : normalisedPlanes(images);
      return session.run({ [IMAGES]: given })[output]!.data as Float32Array;
    },
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}

/** What the model takes. @throws {DataError} if it is not what an exported model takes. */
function inputKind({ inputs }: Session, what: string): InputKind {
  const [images, ...others] = inputs;
  const { name, dtype, shape } = images!;
  const [batch, a, b, c] = shape;
  const isSquare = dtype === "uint8" ? a === b && c === 3 : a === 3 && b === c;
  const isOurs = name === IMAGES && others.length === 0 && shape.length === 4 && batch === -1;
  if (isOurs && isSquare && (dtype === "uint8" || dtype === "float32")) return dtype;
  const found = inputs.map(({ name, dtype, shape }) => `${name} ${dtype} ${showShape(shape)}`);
  throw new DataError(
    `${what}: it takes ${
      found.join(", ")
    }, not ${IMAGES} uint8 [-1, S, S, 3] or float32 [-1, 3, S, S]`,
  );
}

/** Names of the classes that a model's metadata lists; null if it lists none. */
function classesIn(path: string): readonly string[] | null {
  const { metadataProps = [] } = decode("Model", Deno.readFileSync(path));
  const text = metadataProps.find(({ key }) => key === "classes")?.value;
  if (text === undefined) return null;
  const names: unknown = JSON.parse(text);
  return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : null;
}

function withoutHead(source: ExportSource): ExportSource {
  return { ...source, classes: null };
}
