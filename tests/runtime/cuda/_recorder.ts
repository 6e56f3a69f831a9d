/** A stand-in for CUDA's runtime library: it writes down every call, and keeps its memory on the host, where copies are made at once. */
import type { CudaTable } from "../../../lib/runtime/cuda/functions.ts";
import { addressOf } from "../../../lib/runtime/host_buffer.ts";

/** What a test may have go wrong: function -> status that it returns. */
export type Failures = { -readonly [K in keyof CudaTable]?: number };

const ERRORS: Record<number, readonly [name: string, text: string]> = {
  2: ["cudaErrorMemoryAllocation", "out of memory"],
  35: ["cudaErrorInsufficientDriver", "CUDA driver version is insufficient"],
  600: ["cudaErrorNotReady", "device not ready"],
  700: ["cudaErrorIllegalAddress", "an illegal memory access was encountered"],
  712: ["cudaErrorHostMemoryAlreadyRegistered", "part or all of it is already mapped"],
};

export class Recorder {
  /** `cudaMalloc(256) device0`, `cudaEventRecord(event1, stream0)`, in order. */
  readonly calls: string[] = [];
  readonly failures: Failures = {};
  /** What was made and not yet freed. */
  readonly alive = new Set<string>();
  readonly table: CudaTable;
  readonly #texts: Uint8Array<ArrayBuffer>[] = [];
  readonly #names = new Map<bigint, string>();
  readonly #memory: { name: string; address: bigint; bytes: Uint8Array<SharedArrayBuffer> }[] = [];
  readonly #counts: Record<string, number> = {};

  constructor({ devices = 1 } = {}) {
    const make = (kind: string, out: BigUint64Array, bytes = 1) => {
      const name = `${kind}${this.#counts[kind] = (this.#counts[kind] ?? -1) + 1}`;
      const memory = new Uint8Array(new SharedArrayBuffer(bytes)).fill(0xa5);
      const address = Deno.UnsafePointer.value(addressOf(memory));
      this.#names.set(address, name);
      this.#memory.push({ name, address, bytes: memory });
      this.alive.add(name);
      out[0] = address;
      return name;
    };
    const free = (pointer: Deno.PointerValue) => this.alive.delete(this.#name(pointer));
    type Rows = { [K in keyof CudaTable]: (...args: Parameters<CudaTable[K]>) => unknown };
    const text = (which: 0 | 1) => (code: number) => {
      const bytes = new TextEncoder().encode((ERRORS[code] ?? ["?", "?"])[which] + "\0");
      this.#texts.push(bytes); // as long as the recorder lives
      return Deno.UnsafePointer.of(bytes);
    };
    const out = (buffer: unknown) => buffer as BigUint64Array;
    const put = (buffer: unknown, value: number) => void ((buffer as Int32Array)[0] = value);
    const rows: Rows = {
      cudaGetErrorName: text(0),
      cudaGetErrorString: text(1),
      cudaGetLastError: () => {},
      cudaRuntimeGetVersion: (version) => put(version, 13000),
      cudaGetDeviceCount: (count) => put(count, devices),
      cudaSetDevice: () => {},
      cudaDeviceGetAttribute: () => {},
      cudaMemGetInfo: (free, total) => {
        (free as BigUint64Array)[0] = 3n << 30n;
        (total as BigUint64Array)[0] = 4n << 30n;
      },
      cudaMalloc: (pointer, bytes) => make("device", out(pointer), Number(bytes)),
      cudaFree: free,
      cudaHostAlloc: (pointer, bytes) => make("pinned", out(pointer), Number(bytes)),
      cudaFreeHost: free,
      cudaHostRegister: (pointer) => {
        const name = `registered${this.#counts.registered = (this.#counts.registered ?? -1) + 1}`;
        this.#names.set(Deno.UnsafePointer.value(pointer), name);
        this.alive.add(name);
      },
      cudaHostUnregister: free,
      cudaMemcpyAsync: (target, source, bytes) => {
        const from = Deno.UnsafePointerView.getArrayBuffer(source!, Number(bytes));
        const to = Deno.UnsafePointerView.getArrayBuffer(target!, Number(bytes));
        new Uint8Array(to).set(new Uint8Array(from));
      },
      cudaMemsetAsync: (pointer, value, bytes) => {
        const memory = Deno.UnsafePointerView.getArrayBuffer(pointer!, Number(bytes));
        new Uint8Array(memory).fill(value);
      },
      cudaStreamCreateWithFlags: (pointer) => make("stream", out(pointer)),
      cudaStreamDestroy: free,
      cudaStreamSynchronize: () => {},
      cudaStreamWaitEvent: () => {},
      cudaEventCreateWithFlags: (pointer) => make("event", out(pointer)),
      cudaEventDestroy: free,
      cudaEventRecord: () => {},
      cudaEventQuery: () => {},
      cudaEventSynchronize: () => {},
      cudaEventElapsedTime: (milliseconds) => put(milliseconds, 250),
    };
    const QUIET = ["cudaGetErrorName", "cudaGetErrorString"];
    this.table = Object.fromEntries(
      Object.entries(rows).map(([name, row]) => [name, (...args: unknown[]) => {
        if (QUIET.includes(name)) return (row as (code: unknown) => unknown)(args[0]);
        const shown = args.filter((arg) => !ArrayBuffer.isView(arg)).map((arg) => this.#show(arg));
        const i = this.calls.push(`${name}(${shown.join(", ")})`) - 1;
        const status = this.failures[name as keyof CudaTable] ?? 0;
        if (status !== 0) return status;
        const made = (row as (...args: unknown[]) => unknown)(...args);
        if (typeof made === "string") this.calls[i] += ` ${made}`;
        return 0;
      }]),
    ) as unknown as CudaTable;
  }

  /** The calls of `body`. */
  during(body: () => void): string[] {
    const start = this.calls.length;
    body();
    return this.calls.slice(start);
  }

  #show(value: unknown): string {
    return value === null || typeof value === "object"
      ? this.#name(value as Deno.PointerValue)
      : `${value}`;
  }

  /** What was made there, with an offset if need be; `host` for what was not made here. */
  #name(pointer: Deno.PointerValue): string {
    const address = Deno.UnsafePointer.value(pointer);
    const exact = this.#names.get(address);
    if (exact !== undefined) return exact;
    for (const memory of this.#memory) {
      const offset = address - memory.address;
      if (offset > 0 && offset < memory.bytes.byteLength) return `${memory.name}+${offset}`;
    }
    return "host";
  }
}
