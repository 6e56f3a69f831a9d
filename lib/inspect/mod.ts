/** Says what files and folders are. @module */
export type { DatasetInspection } from "./dataset.ts";
export { inspect, type Inspection } from "./inspect.ts";
export type { OnnxInspection, OnnxPort } from "./onnx_file.ts";
export type { CheckpointInspection, RunInspection } from "./run.ts";
export type { NpyInspection, SafetensorsInspection, TensorOutline } from "./tensors.ts";
