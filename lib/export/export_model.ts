/** From a trained model to an ONNX file that has been held against it. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DataError, MANIFEST, readPictures } from "../data/mod.ts";
import { exists } from "../files/mod.ts";
import { ConfigError } from "../recipes/mod.ts";
import { Environment, type SessionOptions, type TensorData } from "../runtime/mod.ts";
import { buildModel, type BuildOptions } from "./build_model.ts";
import { drawImages } from "./draw_images.ts";
import type { ExportDType, HeadKind, OutputName, Quantization } from "./options.ts";
import { runReference } from "./reference.ts";
import type { ExportSource } from "./source.ts";
import { VerificationError } from "./verification_error.ts";
import { compare, type Differences, openModel, runModel } from "./verify.ts";
import { refuseOutput, writeModel, type WrittenModel } from "./write_model.ts";

/** How to export. */
export interface ExportOptions {
  /** Path of the file. */
  readonly out: string;
  /** Default: `classifier` if there is a head, else `features`. */
  readonly head?: HeadKind | undefined;
  /** Default `uint8`. */
  readonly input?: BuildOptions["input"] | undefined;
  /** Default: all of the head but the attention. */
  readonly outputs?: readonly OutputName[] | undefined;
  /** Default float32. */
  readonly dtype?: ExportDType | undefined;
  /** Type in which the weights of products are stored; null if that is `dtype`. */
  readonly quantize?: Quantization | undefined;
  /** Replace a file that is there already. Default false. */
  readonly force?: boolean | undefined;
  /**
   * A packed dataset, or whatever `prepare` reads, whose images the file is tried with. Unless given the dataset that the source
   * was trained on; drawn ones if that is not there.
   */
  readonly data?: string | undefined;
  /** How many. Default 16. */
  readonly images?: number | undefined;
  /** Largest difference that is borne, over the largest value of an output; see {@linkcode TOLERANCES}. */
  readonly tolerance?: number | undefined;
  /** Bytes of weights from which on they get a file of their own. Default: what protobuf bears. */
  readonly externalOver?: number | undefined;
  /** Further entries of the metadata. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Threads of ONNX Runtime. */
  readonly threads?: number | undefined;
  /** Stops the export; nothing is left behind. */
  readonly signal?: AbortSignal | undefined;
  /** Told when a part of the work begins. */
  onProgress?(phase: "write" | "verify"): void;
}

/** What was exported. */
export interface ExportResult {
  /** The file that was written. */
  readonly out: string;
  /** Size of all files. */
  readonly bytes: number;
  /** The encoder. */
  readonly encoder: ExportSource["encoder"];
  /** Whether the weights are in `<out>.data`. */
  readonly external: boolean;
  /** SHA-256 of the file. */
  readonly sha256: string;
  /** What the model takes. */
  readonly input: BuildOptions["input"];
  /** What the model gives. */
  readonly outputs: readonly OutputName[];
  /** Type of weights and products. */
  readonly dtype: ExportDType;
  /** Type in which the weights of products are stored; null if that is `dtype`. */
  readonly quantize: Quantization | null;
  /** Classes of the head; 0 without one. */
  readonly classes: number;
  /** How far the file's outputs are from the checkpoint's own, over `images` images. */
  readonly differences: Differences;
  /** Images that it was tried with. */
  readonly images: number;
  /** Where the images are from; null if they were drawn. */
  readonly data: string | null;
  /** Largest difference that is borne, over the largest value of an output. */
  readonly tolerance: number;
}

/** Largest differences that are borne, over the largest value of an output. */
export const TOLERANCES = { float32: 1e-4, float16: 1e-2, int8: 1e-1 } as const;

/**
 * Writes `source` as an ONNX model, runs images through the file and through the checkpoint's own graph, and keeps it if they
 * agree.
 *
 * @throws {ConfigError} if the options contradict each other or the source, or there is a file already.
 * @throws {DataError} if the source lacks a tensor, or there are no images.
 * @throws {VerificationError} if an output differs by more than is borne.
 *
 * @example
 * ```ts
 * import { exportModel, readExportSource } from "./mod.ts";
 *
 * const { differences } = await exportModel(readExportSource("run"), { out: "model.onnx" });
 * console.log(differences);
 * ```
 */
export async function exportModel(
  source: ExportSource,
  options: ExportOptions,
): Promise<ExportResult> {
  const { out, images: count = 16, signal, force = false } = options;
  const plan = resolve(source, options);
  refuseOutput(out, { force });
  const { data, images } = await chooseImages(source, options.data, count);
  options.onProgress?.("write");
  signal?.throwIfAborted();
  const shown = plan.withHead ? source : { ...source, classes: null };
  const { externalOver, metadata = {}, threads } = options;
  using written = writeModel(
    buildModel(shown, { ...plan, metadata }),
    out,
    externalOver === undefined ? {} : { externalOver },
  );
  options.onProgress?.("verify");
  signal?.throwIfAborted();
  const session = threads === undefined ? {} : { threads };
  const differences = verify(shown, { plan, images, session, written });
  refuseDifferent(differences, plan.tolerance, { out, data });
  signal?.throwIfAborted();
  const sha256 = createHash("sha256").update(Deno.readFileSync(written.path)).digest("hex");
  written.commit();
  return {
    out,
    bytes: written.bytes,
    encoder: source.encoder,
    external: written.isExternal,
    sha256,
    input: plan.input,
    outputs: plan.outputs,
    dtype: plan.dtype,
    quantize: plan.quantize,
    classes: shown.classes?.length ?? 0,
    differences,
    images: images.shape[0]!,
    data,
    tolerance: plan.tolerance,
  };
}

/** Options with nothing left to decide. */
interface Plan extends Omit<BuildOptions, "metadata"> {
  readonly withHead: boolean;
  readonly tolerance: number;
}

function resolve({ classes }: ExportSource, options: ExportOptions): Plan {
  const { input = "uint8", dtype = "float32", quantize = null } = options;
  const { head = classes === null ? "features" : "classifier" } = options;
  if (head === "classifier" && classes === null) {
    throw new ConfigError(
      "Cannot export a classifier: the checkpoint has no head; export --head features, or a fine-tuned run",
    );
  }
  if (quantize !== null && dtype !== "float32") {
    throw new ConfigError(
      `Cannot use --quantize ${quantize} with --dtype ${dtype}: what is not quantised stays float32`,
    );
  }
  const withHead = head === "classifier";
  const features: OutputName[] = ["cls", "patch_tokens", "pooled"];
  const outputs = options.outputs ?? (withHead ? ["logits", ...features] : features);
  if (!withHead && outputs.includes("logits")) {
    throw new ConfigError("Cannot give logits with --head features: they are the classifier's");
  }
  const tolerance = options.tolerance ?? TOLERANCES[quantize ?? dtype];
  return { input, dtype, quantize, outputs, withHead, tolerance };
}

/** Images to try a file with, and where they are from; null if they are drawn. */
async function chooseImages(
  { dataset = null, encoder: { imageSize } }: ExportSource,
  data: string | undefined,
  count: number,
): Promise<{ readonly data: string | null; readonly images: TensorData }> {
  if (data !== undefined) return { data, images: await readImages(data, count, imageSize) };
  try {
    if (dataset !== null && exists(join(dataset, MANIFEST))) {
      return { data: dataset, images: await readImages(dataset, count, imageSize) };
    }
  } catch (error) {
    const cannotRead = error instanceof DataError || error instanceof Deno.errors.PermissionDenied;
    if (!cannotRead) throw error; // nobody asked for these images
  }
  return { data: null, images: drawImages(count, imageSize) };
}

async function readImages(path: string, count: number, size: number): Promise<TensorData> {
  const pictures = await readPictures([path], { count, size, seed: 0 });
  const data = new Uint8Array(pictures.length * size * size * 3);
  pictures.forEach(({ pixels }, i) => data.set(pixels, i * size * size * 3));
  return { dtype: "uint8", shape: [pictures.length, size, size, 3], data };
}

function verify(
  source: ExportSource,
  { plan: { outputs, input }, images, session: options, written }: {
    readonly plan: Plan;
    readonly images: TensorData;
    readonly session: SessionOptions;
    readonly written: WrittenModel;
  },
): Differences {
  using environment = Environment.open();
  const expected = runReference(source, outputs, images, { environment, session: options });
  using session = openModel(written.path, environment, options);
  return compare(runModel(session, images, input), expected);
}

function refuseDifferent(
  differences: Differences,
  tolerance: number,
  { out, data }: { readonly out: string; readonly data: string | null },
): void {
  for (const [name, { largest, relative }] of Object.entries(differences)) {
    if (relative <= tolerance) continue;
    throw new VerificationError(
      `Cannot vouch for ${out}, so it was removed: ${name} differs from the checkpoint's by ${
        largest.toPrecision(3)
      }, ${relative.toPrecision(3)} of its largest value on ${
        data === null ? "drawn images" : `images of ${data}`
      }, and ${tolerance} is borne; give --tolerance to bear more`,
    );
  }
}
