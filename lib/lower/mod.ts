/** From float32 graphs to what a provider runs: mixed precision. @module */
export { CUDA_KERNELS } from "./cuda_kernels.ts";
export { LOW_TYPES, type LowType } from "./low_type.ts";
export { type Lowering, mixPrecision } from "./mixed.ts";
export { type Role, roleOf, ROLES } from "./roles.ts";
