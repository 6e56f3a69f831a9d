import { addressOf } from "../host_buffer.ts";
import type { DeviceMemory, Stream, StreamEvent } from "../stream.ts";
import { type Cuda, CUDA_NOT_READY, CUDA_SUCCESS } from "./cuda.ts";

/** Streams that do not wait for the default stream, nor it for them. */
const NON_BLOCKING = 1;

/** Events without a time are cheaper. */
const DISABLE_TIMING = 2;

const HOST_TO_DEVICE = 1, DEVICE_TO_HOST = 2;

/** A `cudaStream_t`. Sessions that were given it put their kernels on it themselves. */
export class CudaStream implements Stream {
  readonly pointer: Deno.PointerObject;
  readonly #cuda: Cuda;

  constructor(cuda: Cuda) {
    this.#cuda = cuda;
    this.pointer = cuda.created("cudaStreamCreateWithFlags", NON_BLOCKING);
  }

  clear({ pointer, byteLength }: DeviceMemory): void {
    this.#cuda.call("cudaMemsetAsync", pointer, 0, BigInt(byteLength), this.pointer);
  }

  copyIn(target: DeviceMemory, byteOffset: number, source: Uint8Array<ArrayBufferLike>): void {
    this.#copy(at(target, byteOffset), addressOf(source), source.byteLength, HOST_TO_DEVICE);
  }

  copyOut(source: DeviceMemory, byteOffset: number, target: Uint8Array<ArrayBufferLike>): void {
    this.#copy(addressOf(target), at(source, byteOffset), target.byteLength, DEVICE_TO_HOST);
  }

  launch(run: () => void): void {
    run();
  }

  record(event: StreamEvent): void {
    this.#cuda.call("cudaEventRecord", (event as CudaEvent).pointer, this.pointer);
  }

  wait(event: StreamEvent): void {
    this.#cuda.call("cudaStreamWaitEvent", this.pointer, (event as CudaEvent).pointer, 0);
  }

  synchronize(): void {
    this.#cuda.call("cudaStreamSynchronize", this.pointer);
  }

  [Symbol.dispose](): void {
    this.#cuda.call("cudaStreamDestroy", this.pointer);
  }

  #copy(
    target: Deno.PointerObject,
    source: Deno.PointerObject,
    byteLength: number,
    kind: number,
  ): void {
    const bytes = BigInt(byteLength);
    this.#cuda.call("cudaMemcpyAsync", target, source, bytes, kind, this.pointer);
  }
}

/** A `cudaEvent_t`. */
export class CudaEvent implements StreamEvent {
  readonly pointer: Deno.PointerObject;
  readonly #cuda: Cuda;

  constructor(cuda: Cuda, { timed = false }: { timed?: boolean } = {}) {
    this.#cuda = cuda;
    this.pointer = cuda.created("cudaEventCreateWithFlags", timed ? 0 : DISABLE_TIMING);
  }

  get done(): boolean {
    const status = this.#cuda.status("cudaEventQuery", this.pointer);
    if (status === CUDA_SUCCESS) return true;
    const error = this.#cuda.error("query an event", status); // clears "not ready", too
    if (status === CUDA_NOT_READY) return false;
    throw error;
  }

  synchronize(): void {
    this.#cuda.call("cudaEventSynchronize", this.pointer);
  }

  secondsSince(earlier: StreamEvent): number {
    earlier.synchronize();
    this.synchronize();
    const out = new Float32Array(1);
    this.#cuda.call("cudaEventElapsedTime", out, (earlier as CudaEvent).pointer, this.pointer);
    return out[0]! / 1000;
  }

  [Symbol.dispose](): void {
    this.#cuda.call("cudaEventDestroy", this.pointer);
  }
}

function at({ pointer }: DeviceMemory, byteOffset: number): Deno.PointerObject {
  return Deno.UnsafePointer.offset(pointer, byteOffset)!;
}
