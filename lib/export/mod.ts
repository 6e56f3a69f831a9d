/** Trained models as ONNX files for other runtimes. @module */
export { buildModel, type BuildOptions } from "./build_model.ts";
export { readExportSource, type SourceOptions } from "./checkpoint_source.ts";
export { drawImages } from "./draw_images.ts";
export { IMAGES } from "./image_model.ts";
export * from "./options.ts";
export type { ExportSource } from "./source.ts";
export { type Differences, openModel, type OutputDifference } from "./verify.ts";
export { writeModel, type WrittenModel } from "./write_model.ts";
