import { type Api, created, cString } from "./api.ts";

/** How a shared arena is set up. */
export interface SharedArenaOptions {
  /**
   * Most bytes that it asks of the system; no limit unless given. A run that needs more fails. (ONNX Runtime forgets the limit
   * once the models' constants alone are above it.)
   */
  readonly limit?: number;
}

const ARENA_ALLOCATOR = 1, DEFAULT_MEMORY = 0;

/** Makes one arena of host memory for the sessions of the process that ask for it from now on. */
export function shareArena(
  api: Api,
  environment: Deno.PointerObject,
  { limit }: SharedArenaOptions,
): void {
  const key = cString("max_mem");
  const keys = BigUint64Array.of(Deno.UnsafePointer.value(Deno.UnsafePointer.of(key)));
  const values = BigUint64Array.of(BigInt(limit ?? 0)); // 0 is no limit
  const config = created((out) => api.CreateArenaCfgV2(keys, values, 1n, out));
  const info = created((out) =>
    api.CreateMemoryInfo(cString("Cpu"), ARENA_ALLOCATOR, 0, DEFAULT_MEMORY, out)
  );
  try {
    api.CreateAndRegisterAllocator(environment, info, config);
  } finally {
    key.fill(0); // used up to here, so that it was not collected before
    api.ReleaseMemoryInfo(info);
    api.ReleaseArenaCfg(config);
  }
}
