/** A slab: flat float32 state on one device, and tensors over parts of it. */
import { arrayOver, type Shape, sizeOf } from "../tensor/mod.ts";
import type { Buffer, DeviceContext, Tensor } from "../runtime/mod.ts";
import { mapPending, type Pending } from "./pending.ts";

/** Elements on a device, made once; graphs read and write them in place. */
export class Slab implements Disposable {
  readonly elements: number;
  readonly #context: DeviceContext;
  readonly #buffer: Buffer;
  readonly #tensors = new Map<string, Tensor>();

  /** Zeros. */
  constructor(context: DeviceContext, elements: number) {
    this.elements = elements;
    this.#context = context;
    this.#buffer = context.allocator.allocate(elements * 4);
  }

  /** The tensor over `shape` elements from `offset`; made once. */
  tensor(offset: number, shape: Shape): Tensor {
    const key = `${offset} ${shape}`;
    let tensor = this.#tensors.get(key);
    if (tensor === undefined) {
      const options = { dtype: "float32", shape, byteOffset: offset * 4 } as const;
      tensor = this.#context.environment.tensor(this.#buffer, options);
      this.#tensors.set(key, tensor);
    }
    return tensor;
  }

  /** Copies `values` to the device, and waits for it. */
  write(offset: number, values: Float32Array): void {
    this.#buffer.upload(bytesOf(values), offset * 4);
  }

  /** Copies a few values to the device, before what is run next. See {@linkcode DeviceContext.write}. */
  set(offset: number, values: Float32Array): void {
    this.#context.write(this.#buffer, offset * 4, bytesOf(values));
  }

  /** Copies `shape` elements from the device, and waits for it. */
  read(offset: number, shape: Shape): Float32Array {
    const bytes = new Uint8Array(sizeOf(shape) * 4);
    this.#buffer.download(bytes, offset * 4);
    return arrayOver("float32", bytes);
  }

  /** Copies elements from the device, as they are after what has been run. See {@linkcode DeviceContext.readback}. */
  readback(offset: number, elements: number): Pending<Float32Array> {
    const readback = this.#context.readback(this.#buffer, offset * 4, elements * 4);
    return mapPending(readback, (bytes) => arrayOver("float32", bytes));
  }

  [Symbol.dispose](): void {
    for (const tensor of this.#tensors.values()) tensor[Symbol.dispose]();
    this.#buffer[Symbol.dispose]();
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
