/** Tensors and runs at rest: safetensors, .npy, checkpoints. @module */
export {
  type Checkpoint,
  type CheckpointContent,
  type CheckpointPlace,
  checkpointPosition,
  type Json,
  loadCheckpoint,
  loadCheckpointModel,
  MODEL_FILE,
  POSITION,
  type Position,
  saveCheckpoint,
} from "./checkpoint.ts";
export * from "./npy.ts";
export * from "./run_checkpoints.ts";
export { type NpyHeader, parseNpyHeader } from "./npy_header.ts";
export * from "./safetensors.ts";
export {
  parseSafetensorsHeader,
  readSafetensorsHeader,
  type SafetensorsHeader,
  type TensorRange,
} from "./safetensors_header.ts";
export {
  openSafetensors,
  openTensorFile,
  type TensorFile,
  type TensorInfo,
} from "./tensor_file.ts";
export { toFloat32 } from "./widen.ts";
