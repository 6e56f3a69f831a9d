/** A slab: flat float32 state on one device, and tensors over parts of it. */
import { arrayOver, type Shape, sizeOf } from "../tensor/mod.ts";
import type { Allocator, Buffer, Environment, Tensor } from "../runtime/mod.ts";

/** Elements on a device, made once; graphs read and write them in place. */
export class Slab implements Disposable {
  readonly elements: number;
  readonly #environment: Environment;
  readonly #buffer: Buffer;
  readonly #tensors = new Map<string, Tensor>();

  /** Zeros, as memory comes from an allocator. */
  constructor(environment: Environment, allocator: Allocator, elements: number) {
    this.elements = elements;
    this.#environment = environment;
    this.#buffer = allocator.allocate(elements * 4);
  }

  /** The tensor over `shape` elements from `offset`; made once. */
  tensor(offset: number, shape: Shape): Tensor {
    const key = `${offset} ${shape}`;
    let tensor = this.#tensors.get(key);
    if (tensor === undefined) {
      const options = { dtype: "float32", shape, byteOffset: offset * 4 } as const;
      tensor = this.#environment.tensor(this.#buffer, options);
      this.#tensors.set(key, tensor);
    }
    return tensor;
  }

  /** Copies `values` to the device. */
  write(offset: number, values: Float32Array): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#buffer.upload(bytes, offset * 4);
  }

  /** Copies `shape` elements from the device. */
  read(offset: number, shape: Shape): Float32Array {
    const bytes = new Uint8Array(sizeOf(shape) * 4);
    this.#buffer.download(bytes, offset * 4);
    return arrayOver("float32", bytes);
  }

  [Symbol.dispose](): void {
    for (const tensor of this.#tensors.values()) tensor[Symbol.dispose]();
    this.#buffer[Symbol.dispose]();
  }
}
