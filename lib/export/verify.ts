/** Holding an exported file against the checkpoint that it was made of. */
import { dirname } from "node:path";
import { IMAGENET_DEVIATION, IMAGENET_MEAN } from "../augment/mod.ts";
import type { Environment, Session, SessionOptions, TensorData } from "../runtime/mod.ts";
import { IMAGES } from "./image_model.ts";
import type { InputKind } from "./options.ts";
import type { Results } from "./reference.ts";

/** How far an output is from the checkpoint's own. */
export interface OutputDifference {
  /** Largest absolute difference. */
  readonly largest: number;
  /** The same over the largest absolute value of the checkpoint's own. */
  readonly relative: number;
  /** L2 norm of the difference over that of the checkpoint's own. */
  readonly l2: number;
}

/** Differences by output. */
export type Differences = Readonly<Record<string, OutputDifference>>;

/**
 * Opens a written model as a stranger would: from its file, with all of ONNX Runtime's optimisations.
 *
 * @example
 * ```ts
 * import { runtime } from "../../mod.ts";
 * import { openModel } from "./mod.ts";
 *
 * using environment = runtime.Environment.open();
 * using session = openModel("encoder.onnx", environment);
 * console.assert(session.inputs[0]!.dtype === "uint8");
 * ```
 */
export function openModel(
  path: string,
  environment: Environment,
  options: SessionOptions = {},
): Session {
  return environment.session(Deno.readFileSync(path), {
    graphOptimization: "all",
    ...options,
    config: {
      "session.model_external_initializers_file_folder_path": dirname(path),
      ...options.config,
    },
  });
}

/**
 * Runs images through a model, the first alone and the others as one batch, so that the batch is seen to be open.
 *
 * @param images uint8 `[B, S, S, 3]`.
 * @returns results of all images; `cls_attention` summed over the blocks.
 */
export function runModel(session: Session, images: TensorData, kind: InputKind): Results {
  const [batch, ...shape] = images.shape as [number, number, number, number];
  const bytes = images.data as Uint8Array<ArrayBuffer>;
  const each = bytes.length / batch;
  const parts = batch === 1 ? [[0, 1]] : [[0, 1], [1, batch]];
  const results = parts.map(([start, end]) => {
    const data = bytes.subarray(start! * each, end! * each);
    const part: TensorData = { dtype: "uint8", shape: [end! - start!, ...shape], data };
    return session.run({ [IMAGES]: kind === "uint8" ? part : normalisedPlanes(part) });
  });
  return Object.fromEntries(session.outputs.map(({ name }) => {
    const tensors = results.map((result) => result[name]!);
    const all = Float32Array.from(tensors.flatMap(({ data }) => [...data as Float32Array]));
    return [name, name === "cls_attention" ? sumOverBlocks(all, tensors[0]!.shape) : all];
  }));
}

/** The differences of every output. */
export function compare(actual: Results, expected: Results): Differences {
  return Object.fromEntries(
    Object.entries(expected).map(([name, right]) => {
      const left = actual[name]!;
      let largest = 0, size = 0, squares = 0, norm = 0;
      right.forEach((x, i) => {
        const difference = Math.abs(left[i]! - x);
        // A result that is no number is as far away as can be
        largest = Math.max(largest, Number.isNaN(difference) ? Infinity : difference);
        size = Math.max(size, Math.abs(x));
        squares += difference ** 2;
        norm += x ** 2;
      });
      const l2 = Number.isNaN(squares) ? Infinity : Math.sqrt(squares / norm);
      if (largest === 0) return [name, { largest, relative: 0, l2: 0 }];
      return [name, { largest, relative: largest / size, l2 }];
    }),
  );
}

/**
 * uint8 `[B, S, S, 3]` -> float32 `[B, 3, S, S]`, as timm and torchvision normalise.
 *
 * @example
 * ```ts
 * import { drawImages, normalisedPlanes } from "./mod.ts";
 *
 * console.assert(String(normalisedPlanes(drawImages(2, 32)).shape) === "2,3,32,32");
 * ```
 */
export function normalisedPlanes({ shape, data }: TensorData): TensorData {
  const [B, S] = shape as [number, number];
  const planes = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const c = i % 3, pixel = (i - c) / 3, image = Math.floor(pixel / (S * S));
    const place = (image * 3 + c) * S * S + pixel % (S * S);
    planes[place] = (Number(data[i]) / 255 - IMAGENET_MEAN[c]!) / IMAGENET_DEVIATION[c]!;
  }
  return { dtype: "float32", shape: [B, 3, S, S], data: planes };
}

/** `[B, depth, L]` -> `[B, L]`. */
function sumOverBlocks(values: Float32Array, shape: readonly number[]): Float32Array {
  const [, depth, L] = shape as [number, number, number];
  const sums = new Float32Array(values.length / depth);
  values.forEach((x, i) => sums[Math.floor(i / (depth * L)) * L + i % L]! += x);
  return sums;
}
