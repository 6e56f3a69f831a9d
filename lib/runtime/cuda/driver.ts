import type { Device } from "../device.ts";
import { showDevice } from "../device.ts";
import { EnvironmentError } from "../errors.ts";
import { addressOf } from "../host_buffer.ts";
import type { DeviceMemory, Driver, PinnedMemory, Stream, StreamEvent } from "../stream.ts";
import { Cuda, CUDA_SUCCESS, pointerIn } from "./cuda.ts";
import type { CudaTable } from "./functions.ts";
import { CudaEvent, CudaStream } from "./stream.ts";

const DEFAULT_FLAGS = 0;

/** A GPU by CUDA's runtime library. Plain allocations only, so that memory stays where it is said to be. */
export class CudaDriver implements Driver {
  readonly device: Extract<Device, { kind: "cuda" }>;
  readonly #cuda: Cuda;
  readonly #close: () => void;

  /**
   * Makes the GPU the calling thread's.
   *
   * @param options.close called when disposed, or at once if this throws: closes the library behind the table.
   * @throws {EnvironmentError} if there is no such GPU, or no driver.
   */
  constructor(
    table: CudaTable,
    options: { readonly index: number; readonly close?: () => void },
  ) {
    const { index } = options;
    this.device = { kind: "cuda", index };
    this.#cuda = new Cuda(table);
    this.#close = options.close ?? (() => {});
    const where = showDevice(this.device);
    try {
      const count = this.#cuda.int((out) => this.#cuda.call("cudaGetDeviceCount", out));
      if (index >= count) {
        throw new EnvironmentError(`Cannot run on ${where}: CUDA has ${count} GPUs`);
      }
      this.#cuda.call("cudaSetDevice", index);
    } catch (error) {
      this.#close();
      if (error instanceof EnvironmentError) throw error;
      const { message } = error as Error;
      throw new EnvironmentError(`Cannot run on ${where}: ${message}`, { cause: error });
    }
  }

  allocate(byteLength: number): DeviceMemory {
    const out = new BigUint64Array(1);
    const status = this.#cuda.status("cudaMalloc", out, BigInt(byteLength));
    if (status !== CUDA_SUCCESS) {
      const where = showDevice(this.device);
      throw this.#cuda.error(`allocate ${byteLength} bytes on ${where}`, status);
    }
    const pointer = pointerIn(out, "cudaMalloc");
    return {
      pointer,
      byteLength,
      [Symbol.dispose]: () => this.#cuda.call("cudaFree", pointer),
    };
  }

  pin(byteLength: number): PinnedMemory {
    const out = new BigUint64Array(1);
    this.#cuda.call("cudaHostAlloc", out, BigInt(byteLength), DEFAULT_FLAGS);
    const pointer = pointerIn(out, "cudaHostAlloc");
    return {
      bytes: new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, byteLength)),
      [Symbol.dispose]: () => this.#cuda.call("cudaFreeHost", pointer),
    };
  }

  register(bytes: Uint8Array<ArrayBufferLike>): Disposable | null {
    const pointer = addressOf(bytes);
    const size = BigInt(bytes.byteLength);
    const status = this.#cuda.status("cudaHostRegister", pointer, size, DEFAULT_FLAGS);
    if (status !== CUDA_SUCCESS) {
      this.#cuda.error("pin host memory", status); // clears it: there is another way
      return null;
    }
    // The memory stays the caller's, and is kept alive until it is pageable again
    return {
      [Symbol.dispose]: () => this.#cuda.call("cudaHostUnregister", addressOf(bytes)),
    };
  }

  stream(): Stream {
    return new CudaStream(this.#cuda);
  }

  event(options: { readonly timed?: boolean } = {}): StreamEvent {
    return new CudaEvent(this.#cuda, options);
  }

  memory(): { readonly free: number; readonly total: number } {
    const [free, total] = [new BigUint64Array(1), new BigUint64Array(1)];
    this.#cuda.call("cudaMemGetInfo", free, total);
    return { free: Number(free[0]!), total: Number(total[0]!) };
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}
