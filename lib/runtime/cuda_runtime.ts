import { textAt } from "./api.ts";

/**
 * Asks CUDA's runtime, which must be loaded under the name `soname`, whether it gets on with the driver. It makes
 * no CUDA context.
 *
 * @returns null, or the runtime's own words.
 */
export function tryCudaRuntime(soname: string): string | null {
  const library = Deno.dlopen(soname, {
    cudaGetDeviceCount: { parameters: ["buffer"], result: "i32" }, // int* out -> cudaError_t
    cudaGetErrorString: { parameters: ["i32"], result: "pointer" }, // cudaError_t -> const char*
  });
  try {
    const code = library.symbols.cudaGetDeviceCount(new Int32Array(1));
    if (code === 0) return null;
    const words = textAt(library.symbols.cudaGetErrorString(code));
    return `cudaGetDeviceCount() says: ${words} (${code})`;
  } finally {
    library.close();
  }
}
