import { created, cString, textAt } from "./api.ts";
import type { Session } from "./session.ts";

/** What a session's arena has handed out, in bytes unless it says otherwise. */
export interface ArenaStatistics {
  /** In use now: intermediate results of a run, and what kernels keep between runs. */
  readonly inUse: number;
  /** Most that was in use at once since the session was made. */
  readonly peak: number;
  /** What the arena has asked of the system and keeps. */
  readonly reserved: number;
  /** Most that it may ask for; null without a limit. */
  readonly limit: number | null;
  /** Largest single allocation. */
  readonly largest: number;
  /** How often something was allocated. */
  readonly allocations: number;
}

/** No limit, as the arena writes it. */
const UNLIMITED = 2 ** 62;

/**
 * ONNX Runtime's own figures of the arena that `session` allocates from; null if the session runs without one.
 *
 * @example
 * ```ts
 * import { arenaStatistics, Environment } from "./mod.ts";
 *
 * using environment = Environment.open();
 * using session = environment.session(Deno.readFileSync("encoder.onnx"));
 * console.log(arenaStatistics(session)?.peak); // bytes
 * ```
 */
export function arenaStatistics(session: Session): ArenaStatistics | null {
  const { environment: { api }, environment, device, pointer } = session;
  const allocator = created((out) =>
    api.CreateAllocator(pointer, environment.memoryInfo(device), out)
  );
  try {
    const pairs = created((out) => api.AllocatorGetStats(allocator, out));
    try {
      const read = (key: string) => textAt(api.GetKeyValue(pairs, cString(key)));
      if (read("MaxInUse") === "") return null;
      const limit = Number(read("Limit"));
      return {
        inUse: Number(read("InUse")),
        peak: Number(read("MaxInUse")),
        reserved: Number(read("TotalAllocated")),
        limit: limit > 0 && limit < UNLIMITED ? limit : null,
        largest: Number(read("MaxAllocSize")),
        allocations: Number(read("NumAllocs")),
      };
    } finally {
      api.ReleaseKeyValuePairs(pairs);
    }
  } finally {
    api.ReleaseAllocator(allocator);
  }
}
