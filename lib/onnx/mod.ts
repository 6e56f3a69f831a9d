/** Graphs to ONNX models and back, and what ONNX Runtime makes of them. @module */
export { emit, type EmitOptions, OPSET } from "./emit.ts";
export type { ArenaGrowth } from "./arena_model.ts";
export { executionOrder } from "./execution_order.ts";
export { type MemoryPlan, planMemory } from "./memory_plan.ts";
export type { Message, MessageName } from "./schema.ts";
export { decode, encode } from "./wire.ts";
