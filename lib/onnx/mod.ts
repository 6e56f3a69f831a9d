/** Graphs to ONNX models and back, and what ONNX Runtime makes of them. @module */
export { emit, type EmitOptions, OPSET, toModel } from "./emit.ts";
export { encodeModel, LARGEST_MESSAGE } from "./encode_model.ts";
export type { ArenaGrowth } from "./arena_model.ts";
export { executionOrder } from "./execution_order.ts";
export { type MemoryPlan, planMemory } from "./memory_plan.ts";
export { openBatch, type SizedGraph } from "./open_batch.ts";
export type { Message, MessageName } from "./schema.ts";
export { decode, encode } from "./wire.ts";
