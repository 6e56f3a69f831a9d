/** From a path to a path: a trained model in one of the formats. */
import { ConfigError } from "../recipes/mod.ts";
import { readExportSource, type SourceOptions } from "./checkpoint_source.ts";
import { exportModel, type ExportOptions, type ExportResult } from "./export_model.ts";
import {
  exportSafetensors,
  type SafetensorsOptions,
  type SafetensorsResult,
} from "./safetensors.ts";
import { refuseOutput } from "./write_model.ts";

/** Formats of files. */
export const FORMATS = ["onnx", "safetensors"] as const;
/** `onnx`: a model to run. `safetensors`: weights for other libraries. */
export type ExportFormat = (typeof FORMATS)[number];

/** What is exported, and how. */
export interface CheckpointExport extends ExportOptions, SourceOptions {
  /** A run, a checkpoint or a file of weights. */
  readonly checkpoint: string;
  /** Default `onnx`. */
  readonly to?: ExportFormat | undefined;
  /** Names of the tensors in safetensors. */
  readonly names?: SafetensorsOptions["names"];
}

/** What was exported, by format. */
export type CheckpointExported =
  | { readonly to: "onnx" } & ExportResult
  | { readonly to: "safetensors" } & SafetensorsResult;

/** Options of one format alone. */
const OF_ONNX = [
  "input",
  "outputs",
  "dtype",
  "quantize",
  "data",
  "images",
  "tolerance",
  "threads",
] as const;

/**
 * Reads a trained model and writes it: see `readExportSource`, `exportModel` and `exportSafetensors`.
 *
 * @throws {ConfigError} if an option is of the other format.
 * @throws {DataError} if there is no model at the path, or it matches in part only.
 *
 * @example
 * ```ts
 * import { weights } from "../../mod.ts";
 * import { exportCheckpoint } from "./mod.ts";
 *
 * await exportCheckpoint({ checkpoint: "run", out: "encoder-again.onnx" });
 * ```
 */
export async function exportCheckpoint(options: CheckpointExport): Promise<CheckpointExported> {
  const { checkpoint, out, to = "onnx", force = false } = options;
  const others = to === "onnx" ? ["names"] as const : OF_ONNX;
  const other = others.find((option) => options[option] !== undefined);
  if (other !== undefined) {
    throw new ConfigError(
      `Cannot use --${other} with --to ${to}: it is of ${to === "onnx" ? "safetensors" : "onnx"}`,
    );
  }
  if (to === "safetensors") {
    return { to, ...exportSafetensors(readExportSource(checkpoint, options), options) };
  }
  refuseOutput(out, { force }); // before much is read
  return { to, ...await exportModel(readExportSource(checkpoint, options), options) };
}
