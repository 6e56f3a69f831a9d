/** A call that CUDA refused. Errors of work that was launched earlier may come with a later call. */
export class CudaError extends Error {
  override readonly name = "CudaError";
  /** Number and name of the `cudaError_t`: 2, `cudaErrorMemoryAllocation`. */
  readonly code: number;
  readonly symbol: string;

  /** @param what what could not be done: `copy to the device` */
  constructor(what: string, options: { code: number; symbol: string; message: string }) {
    const { code, symbol, message } = options;
    super(`Cannot ${what}: CUDA says ${symbol} (${code}), ${message}`);
    this.code = code;
    this.symbol = symbol;
  }
}
