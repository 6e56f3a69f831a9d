/** Trained models as ONNX files for other runtimes. @module */
export { buildModel, type BuildOptions } from "./build_model.ts";
export { readExportSource, type SourceOptions } from "./checkpoint_source.ts";
export { drawImages } from "./draw_images.ts";
export {
  type CheckpointExport,
  type CheckpointExported,
  exportCheckpoint,
  type ExportFormat,
  FORMATS,
} from "./export_checkpoint.ts";
export { exportModel, type ExportOptions, type ExportResult, TOLERANCES } from "./export_model.ts";
export { IMAGES } from "./image_model.ts";
export * from "./options.ts";
export {
  exportSafetensors,
  type SafetensorsOptions,
  type SafetensorsResult,
} from "./safetensors.ts";
export type { ExportSource } from "./source.ts";
export { type Differences, normalisedPlanes, openModel, type OutputDifference } from "./verify.ts";
export { writeModel, type WrittenModel } from "./write_model.ts";
export { VerificationError } from "./verification_error.ts";
export type { HuggingFaceModel } from "./huggingface.ts";
export type { ImageModelPlan } from "./image_model.ts";
