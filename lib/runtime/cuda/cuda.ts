import { textAt } from "../api.ts";
import { CudaError } from "./error.ts";
import type { CudaTable } from "./functions.ts";

/** Statuses that are no failure where they are asked for. */
export const CUDA_SUCCESS = 0, CUDA_NOT_READY = 600;

/** The functions that return a status. */
export type CudaCall = Exclude<keyof CudaTable, "cudaGetErrorName" | "cudaGetErrorString">;

/** CUDA's functions behind one check of their status. */
export class Cuda {
  readonly #table: CudaTable;

  constructor(table: CudaTable) {
    this.#table = table;
  }

  /** Calls a function. @throws {CudaError} if it fails. */
  call<K extends CudaCall>(name: K, ...args: Parameters<CudaTable[K]>): void {
    const code = this.status(name, ...args);
    if (code !== CUDA_SUCCESS) throw this.error(`finish ${name}`, code);
  }

  /** Calls a function and returns its status. */
  status<K extends CudaCall>(name: K, ...args: Parameters<CudaTable[K]>): number {
    return (this.#table[name] as (...args: Parameters<CudaTable[K]>) => number)(...args);
  }

  /** The error behind a status, which it clears. */
  error(what: string, code: number): CudaError {
    this.#table.cudaGetLastError(); // or the next call that only asks for it would meet it again
    return new CudaError(what, {
      code,
      symbol: textAt(this.#table.cudaGetErrorName(code)),
      message: textAt(this.#table.cudaGetErrorString(code)),
    });
  }

  /** A new stream or event. */
  created(
    name: "cudaStreamCreateWithFlags" | "cudaEventCreateWithFlags",
    flags: number,
  ): Deno.PointerObject {
    const out = new BigUint64Array(1);
    this.call(name, out, flags);
    return pointerIn(out, name);
  }

  /** The whole number that a function writes through its first argument. */
  int(fill: (out: Int32Array<ArrayBuffer>) => void): number {
    const out = new Int32Array(1);
    fill(out);
    return out[0]!;
  }
}

/** The pointer that `name` wrote. @throws {TypeError} if it is null. */
export function pointerIn(out: BigUint64Array, name: string): Deno.PointerObject {
  const pointer = Deno.UnsafePointer.create(out[0]!);
  if (pointer === null) throw new TypeError(`Cannot use what ${name} made: it is null`);
  return pointer;
}
