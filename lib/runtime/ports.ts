import { type DType, dtypeOfOnnx, type Shape, showShape } from "../tensor/mod.ts";
import { type Api, created, outPointer, outSize, takeText } from "./api.ts";
import type { Environment } from "./environment.ts";
import type { TensorType } from "./tensor.ts";

/** An input or output of a model. Axes whose size the model leaves open are -1. */
export interface Port {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Which end of a model. */
export type Side = "input" | "output";

/** The inputs or outputs of an `OrtSession`. @throws {TypeError} if one is not a tensor. */
export function readPorts(
  { api, allocator }: Environment,
  session: Deno.PointerObject,
  side: Side,
): Port[] {
  const kind = side === "input" ? "Input" : "Output";
  const count = outSize((out) => api[`SessionGet${kind}Count`](session, out));
  return Array.from({ length: count }, (_, i) => {
    const index = BigInt(i);
    const name = takeText(
      api,
      allocator,
      (out) => api[`SessionGet${kind}Name`](session, index, allocator, out),
    );
    const type = created((out) => api[`SessionGet${kind}TypeInfo`](session, index, out));
    try {
      const tensor = outPointer((out) => api.CastTypeInfoToTensorInfo(type, out));
      if (tensor === null) {
        throw new TypeError(`Cannot use ${side} "${name}": it is not a tensor`);
      }
      return { name, ...readType(api, tensor) };
    } finally {
      api.ReleaseTypeInfo(type);
    }
  });
}

/** Element type and shape behind an `OrtTensorTypeAndShapeInfo`. */
export function readType(api: Api, info: Deno.PointerObject): { dtype: DType; shape: Shape } {
  const code = new Int32Array(1);
  api.GetTensorElementType(info, code);
  const rank = outSize((out) => api.GetDimensionsCount(info, out));
  const shape = new BigInt64Array(rank);
  api.GetDimensions(info, shape, BigInt(rank));
  return { dtype: dtypeOfOnnx(code[0]!), shape: Array.from(shape, Number) };
}

/** @throws {TypeError} unless the names are those of the ports. */
export function checkNames(side: Side, ports: readonly Port[], names: readonly string[]): void {
  const known = ports.map((port) => port.name);
  const missing = known.filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !known.includes(name));
  if (missing.length === 0 && unknown.length === 0) return;
  const list = (what: string, which: string[]) =>
    which.length === 0 ? [] : [`${what} ${which.join(", ")}`];
  throw new TypeError(
    `Cannot bind the ${side}s: ${
      [...list("missing", missing), ...list("unknown", unknown)].join("; ")
    } (given: ${names.join(", ") || "none"}; the session has: ${known.join(", ") || "none"})`,
  );
}

/** The port with that name. @throws {TypeError} if there is none. */
export function findPort(side: Side, ports: readonly Port[], name: string): Port {
  const port = ports.find((port) => port.name === name);
  if (port === undefined) {
    const known = ports.map((port) => port.name).join(", ");
    throw new TypeError(`Cannot bind ${side} "${name}": the session has ${known}`);
  }
  return port;
}

/** @throws {TypeError} unless the element type and the shape are those of the port. */
export function checkTensor(side: Side, port: Port, { dtype, shape }: TensorType): void {
  const fits = dtype === port.dtype && shape.length === port.shape.length &&
    port.shape.every((axis, i) => axis === -1 || axis === shape[i]);
  if (fits) return;
  throw new TypeError(
    `Cannot bind ${side} "${port.name}" to ${dtype}${showShape(shape)}: the session has ` +
      `${port.dtype}${showShape(port.shape)}`,
  );
}
