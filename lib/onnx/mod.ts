/** Graphs to ONNX models and back. @module */
export { emit, type EmitOptions, OPSET } from "./emit.ts";
export type { Message, MessageName } from "./schema.ts";
export { decode, encode } from "./wire.ts";
