import {
  type ArrayOf,
  arrayOver,
  checkShape,
  type DType,
  DTYPES,
  type Shape,
  showShape,
  sizeOf,
} from "../tensor/mod.ts";
import { created } from "./api.ts";
import type { Buffer } from "./buffer.ts";
import type { Environment } from "./environment.ts";
import { Handle } from "./handle.ts";

/** What a tensor is, without where it lies. */
export interface TensorType<T extends DType = DType> {
  readonly dtype: T;
  readonly shape: Shape;
}

/** A tensor's values on the host, row-major. */
export interface TensorData<T extends DType = DType> extends TensorType<T> {
  readonly data: ArrayOf<T>;
}

/** A view of a buffer as an array: what sessions read and write. It keeps its buffer alive. */
export class Tensor<T extends DType = DType> extends Handle implements TensorType<T> {
  readonly buffer: Buffer;
  readonly dtype: T;
  readonly shape: Shape;
  readonly byteOffset: number;

  /** See {@linkcode Environment.tensor}. */
  constructor(
    environment: Environment,
    buffer: Buffer,
    options: TensorType<T> & { readonly byteOffset?: number },
  ) {
    const { dtype, byteOffset = 0 } = options;
    const shape = checkShape([...options.shape]);
    const byteLength = checkPlace(buffer, { dtype, shape }, byteOffset);
    const { api } = environment;
    const address = Deno.UnsafePointer.offset(buffer.pointer, byteOffset);
    const value = created((out) =>
      api.CreateTensorWithDataAsOrtValue(
        environment.memoryInfo(buffer.device),
        address,
        BigInt(byteLength),
        BigInt64Array.from(shape, BigInt),
        BigInt(shape.length),
        DTYPES[dtype].onnx,
        out,
      )
    );
    super("tensor", value, {
      free: () => api.ReleaseValue(value),
      parents: [environment, buffer],
    });
    this.buffer = buffer;
    this.dtype = dtype;
    this.shape = shape;
    this.byteOffset = byteOffset;
  }

  /** Bytes the elements take. */
  get byteLength(): number {
    return sizeOf(this.shape) * DTYPES[this.dtype].bytes;
  }

  /** The elements, in place. @throws {TypeError} on device memory, or after disposal. */
  get array(): ArrayOf<T> {
    this.check();
    const { byteOffset, byteLength } = this;
    return arrayOver(this.dtype, this.buffer.bytes.subarray(byteOffset, byteOffset + byteLength));
  }
}

/** Bytes of a tensor at `byteOffset`, once they lie in the buffer at a multiple of the element's size. */
function checkPlace(buffer: Buffer, { dtype, shape }: TensorType, byteOffset: number): number {
  const size = DTYPES[dtype].bytes;
  const byteLength = sizeOf(shape) * size;
  const where = `Cannot place ${dtype}${showShape(shape)} at offset ${byteOffset}`;
  if (!Number.isSafeInteger(byteOffset) || byteOffset < 0 || byteOffset % size !== 0) {
    throw new RangeError(`${where}: the offset must be a multiple of ${size}`);
  }
  if (byteOffset + byteLength > buffer.byteLength) {
    throw new RangeError(
      `${where}: it takes ${byteLength} bytes and the buffer has ${buffer.byteLength}`,
    );
  }
  return byteLength;
}
