import { EnvironmentError } from "../errors.ts";
import { CUDA_FUNCTIONS, type CudaTable } from "./functions.ts";

/** Names of CUDA's runtime library, the preferred first: ONNX Runtime's CUDA provider is built for 13 since version 1.27. */
export const CUDA_RUNTIME_LIBRARIES = ["libcudart.so.13", "libcudart.so.12"] as const;

/** A loaded library. */
export interface CudaLibrary extends Disposable {
  /** Name or path that it was loaded by. */
  readonly name: string;
  readonly table: CudaTable;
}

/**
 * Loads CUDA's runtime library: the first of `names` that loads. One that is loaded already, for ONNX Runtime's provider say, is
 * found by its name wherever it lies.
 *
 * @throws {EnvironmentError} if none loads, with the loader's own words.
 */
export function loadCuda(names: readonly string[] = CUDA_RUNTIME_LIBRARIES): CudaLibrary {
  const problems: string[] = [];
  for (const name of names) {
    try {
      const library = Deno.dlopen(name, CUDA_FUNCTIONS);
      return { name, table: library.symbols, [Symbol.dispose]: () => library.close() };
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new EnvironmentError(`Cannot load CUDA's runtime library: ${problems.join("; ")}`);
}
