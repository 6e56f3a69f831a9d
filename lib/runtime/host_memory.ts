/** Memory that the host has to give, in bytes. */

/** Where the system tells of memory; the system's own places unless given. */
export interface MemoryFiles {
  /** Where control groups are mounted. */
  readonly root?: string;
  /** Content of /proc/self/cgroup, of /proc/self/limits and of /proc/self/status. */
  readonly groups?: string;
  readonly limits?: string;
  readonly status?: string;
}

/**
 * The least limit on the memory of this process's control group and those around it; null if there is none.
 *
 * @example
 * ```ts
 * import { memoryLimit } from "./mod.ts";
 *
 * console.log(memoryLimit() ?? "no limit");
 * ```
 */
export function memoryLimit(files: MemoryFiles = {}): number | null {
  const limits = controlGroups(files).map(({ limit }) => limit).filter((limit) => limit !== null);
  return limits.length === 0 ? null : Math.min(...limits);
}

/**
 * What this process may still take: of the machine's memory that is not in use, of its control groups' limits, and of its own
 * (`ulimit -v`). File caches that the system gives up when asked do not count as in use.
 *
 * @example
 * ```ts
 * import { availableMemory } from "./mod.ts";
 *
 * console.assert(availableMemory() > 0); // bytes
 * ```
 */
export function availableMemory(files: MemoryFiles = {}): number {
  const machine = Deno.systemMemoryInfo().available;
  const groups = controlGroups(files).map(({ limit, inUse }) => {
    return limit === null ? Infinity : limit - inUse;
  });
  return Math.max(0, Math.min(machine, ...groups, addressSpace(files)));
}

interface ControlGroup {
  readonly limit: number | null;
  /** Bytes in use that cannot be given up. */
  readonly inUse: number;
}

/** What a version calls its files, and the line of memory.stat with caches that have not been used lately. */
const VERSIONS = {
  1: {
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    cache: "total_inactive_file",
  },
  2: { limit: "memory.max", usage: "memory.current", cache: "inactive_file" },
} as const;

/** This process's control group and those around it; none where there are no such groups. */
function controlGroups(
  { root = "/sys/fs/cgroup", groups = readSystem("/proc/self/cgroup") }: MemoryFiles,
): ControlGroup[] {
  // Version 2 has one hierarchy, "0::/a/b"; version 1 has one for memory, "4:memory:/a/b"
  return [...groups.matchAll(/^\d+:(|memory):(.*)$/gm)].flatMap(([, kind, path]) => {
    const [base, version] = kind === "" ? [root, VERSIONS[2]] : [`${root}/memory`, VERSIONS[1]];
    const parts = path!.split("/").filter((part) => part !== "");
    return [...parts.keys(), parts.length].map((n) => {
      const folder = [base, ...parts.slice(0, n)].join("/");
      const limit = numberIn(read(`${folder}/${version.limit}`));
      const usage = numberIn(read(`${folder}/${version.usage}`)) ?? 0;
      const cache = new RegExp(`^${version.cache} (\\d+)$`, "m").exec(
        read(`${folder}/memory.stat`),
      );
      // Version 1 writes "no limit" as the largest number of pages
      return {
        limit: limit === null || limit >= 2 ** 60 ? null : limit,
        inUse: Math.max(0, usage - Number(cache?.[1] ?? 0)),
      };
    });
  });
}

/** What is left of the process's limit on its address space. */
function addressSpace(
  { limits = readSystem("/proc/self/limits"), status = readSystem("/proc/self/status") }:
    MemoryFiles,
): number {
  const limit = /^Max address space\s+(\d+)\s/m.exec(limits);
  const used = /^VmSize:\s+(\d+) kB$/m.exec(status);
  return limit === null || used === null ? Infinity : Number(limit[1]) - 1024 * Number(used[1]);
}

function numberIn(text: string): number | null {
  return /^\d+\s*$/.test(text) ? Number(text) : null;
}

/** A file that only Linux has. */
function readSystem(path: string): string {
  return Deno.build.os === "linux" ? read(path) : "";
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
