/** Element types: the one table that the graph, ONNX, safetensors and the runtime read. */

/** What is known of an element type. */
export interface DTypeInfo {
  /** Bytes an element takes. */
  readonly bytes: number;
  /** `TensorProto.DataType` in ONNX, `ONNXTensorElementDataType` in ONNX Runtime (equal numbers). */
  readonly onnx: number;
  /** Name in a safetensors header. */
  readonly safetensors: string;
  /** True for the types that can carry a gradient. */
  readonly float: boolean;
}

/** Every element type the project handles. */
export const DTYPES = {
  float32: { bytes: 4, onnx: 1, safetensors: "F32", float: true },
  float64: { bytes: 8, onnx: 11, safetensors: "F64", float: true },
  float16: { bytes: 2, onnx: 10, safetensors: "F16", float: true },
  bfloat16: { bytes: 2, onnx: 16, safetensors: "BF16", float: true },
  uint8: { bytes: 1, onnx: 2, safetensors: "U8", float: false },
  int32: { bytes: 4, onnx: 6, safetensors: "I32", float: false },
  int64: { bytes: 8, onnx: 7, safetensors: "I64", float: false },
  bool: { bytes: 1, onnx: 9, safetensors: "BOOL", float: false },
} as const satisfies Record<string, DTypeInfo>;

/** Name of an element type. */
export type DType = keyof typeof DTYPES;

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  uint8: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

/** The typed array over elements of type `T`; 16-bit floats are seen as their bits. */
export type ArrayOf<T extends DType> = InstanceType<(typeof ARRAYS)[T]>;

/**
 * View `bytes` as elements of `dtype`, without copying.
 *
 * @throws {RangeError} if the offset or the length does not fit the element size.
 *
 * @example
 * ```ts
 * import { arrayOver } from "./mod.ts";
 *
 * const bytes = new Uint8Array(Float32Array.of(1, 2).buffer);
 * console.assert(arrayOver("float32", bytes)[1] === 2);
 * ```
 */
export function arrayOver<T extends DType>(dtype: T, bytes: Uint8Array): ArrayOf<T> {
  const size = DTYPES[dtype].bytes;
  if (bytes.byteLength % size !== 0 || bytes.byteOffset % size !== 0) {
    throw new RangeError(
      `Cannot view bytes as ${dtype}: offset ${bytes.byteOffset} and length ${bytes.byteLength} must be multiples of ${size}`,
    );
  }
  const View = ARRAYS[dtype] as unknown as new (
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ) => ArrayOf<T>;
  return new View(bytes.buffer, bytes.byteOffset, bytes.byteLength / size);
}

/**
 * The element type with the given ONNX number.
 *
 * @throws {RangeError} if the project has none.
 *
 * @example
 * ```ts
 * import { dtypeOfOnnx } from "./mod.ts";
 *
 * console.assert(dtypeOfOnnx(7) === "int64");
 * ```
 */
export function dtypeOfOnnx(code: number): DType {
  return find((info) => info.onnx === code, `ONNX data type ${code}`);
}

/**
 * The element type with the given safetensors name.
 *
 * @throws {RangeError} if the project has none.
 *
 * @example
 * ```ts
 * import { dtypeOfSafetensors } from "./mod.ts";
 *
 * console.assert(dtypeOfSafetensors("BF16") === "bfloat16");
 * ```
 */
export function dtypeOfSafetensors(name: string): DType {
  return find((info) => info.safetensors === name, `safetensors dtype "${name}"`);
}

function find(matches: (info: DTypeInfo) => boolean, what: string): DType {
  for (const [name, info] of Object.entries(DTYPES)) if (matches(info)) return name as DType;
  throw new RangeError(`Cannot use ${what}: known types are ${Object.keys(DTYPES).join(", ")}`);
}
