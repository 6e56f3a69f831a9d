/** ONNX Runtime's C API: environments, sessions, buffers, tensors. @module */
export { type ArenaStatistics, arenaStatistics } from "./arena.ts";
export { Binding, type BindingTensors, type Tensors } from "./binding.ts";
export { ALIGNMENT, alignTo, type Allocator, Buffer } from "./buffer.ts";
export { chooseDevice, type DeviceChoice, type DeviceRequest } from "./choose_device.ts";
export { type CudaDevice } from "./cuda_driver.ts";
export {
  CUDA_LIBRARIES_VARIABLE,
  CUDA_PROVIDER_FILES,
  type CudaMachine,
  type CudaQuestion,
  type CudaRequirement,
  type CudaStatus,
  inspectCuda,
  nameProblem,
} from "./cuda_requirements.ts";
export { CudaError } from "./cuda/error.ts";
export * from "./device.ts";
export * from "./device_context.ts";
export { isWholeLibrary } from "./elf.ts";
export * from "./environment.ts";
export * from "./errors.ts";
export * from "./fake_device.ts";
export { hostAllocator, hostBufferOver } from "./host_buffer.ts";
export { CPU_CHUNK, openHostContext } from "./host_context.ts";
export {
  LIBRARY_VARIABLE,
  libraryPath,
  PACKAGE_VERSION,
  packageFolder,
  packagePlatforms,
  versionWarning,
} from "./library.ts";
export { availableMemory, memoryLimit } from "./host_memory.ts";
export { peakResidentBytes, residentBytes } from "./memory.ts";
export { countByProvider, type PlacedNode } from "./placement.ts";
export { openDeviceContext } from "./open_context.ts";
export type { SharedArenaOptions } from "./shared_arena.ts";
export type { Port } from "./ports.ts";
export { type NodeTime, type OpTime, parseProfile, type Profile } from "./profile.ts";
export { Session } from "./session.ts";
export { type GraphOptimization, type SessionOptions } from "./session_options.ts";
export { showBytes } from "./show_bytes.ts";
export { Tensor, type TensorData, type TensorType } from "./tensor.ts";
