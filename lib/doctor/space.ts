import { statfsSync } from "node:fs";

/** Room for bytes; null where the system does not tell. */
export interface SpaceFacts {
  /** Memory of the machine, in bytes. */
  readonly memory: { readonly total: number; readonly available: number };
  /** Most memory that this process's control group may take; null if there is no limit. */
  readonly memoryLimit: number | null;
  /** Shared memory, where batches of several processes would lie. */
  readonly sharedMemory: Room | null;
  /** The disk under the folder that was asked about. */
  readonly disk: Room | null;
}

/** A file system. */
export interface Room {
  readonly path: string;
  readonly total: number;
  /** Bytes that this user may still write. */
  readonly free: number;
}

/** Asks how much room there is in memory, and on the disk under `folder`. */
export function inspectSpace(folder: string): SpaceFacts {
  const { total, available } = Deno.systemMemoryInfo();
  return {
    memory: { total, available },
    memoryLimit: Deno.build.os === "linux" ? memoryLimit() : null,
    sharedMemory: Deno.build.os === "linux" ? roomOf("/dev/shm") : null,
    disk: roomOf(folder),
  };
}

function roomOf(path: string): Room | null {
  try {
    const { bsize, blocks, bavail } = statfsSync(path);
    return { path, total: bsize * blocks, free: bsize * bavail };
  } catch {
    return null; // no such folder, or no such call on this system
  }
}

/**
 * The least limit on the memory of this process's control group and those around it; null if there is none.
 *
 * @param root where control groups are mounted.
 * @param groups content of /proc/self/cgroup.
 */
export function memoryLimit(
  root = "/sys/fs/cgroup",
  groups = readOr("/proc/self/cgroup"),
): number | null {
  // Version 2 has one hierarchy, "0::/a/b"; version 1 has one for memory, "4:memory:/a/b"
  const limits = [...groups.matchAll(/^\d+:(|memory):(.*)$/gm)].flatMap(([, kind, path]) => {
    const [base, file] = kind === ""
      ? [root, "memory.max"]
      : [`${root}/memory`, "memory.limit_in_bytes"];
    const parts = path!.split("/").filter((part) => part !== "");
    const folders = [...parts.keys(), parts.length].map((n) => parts.slice(0, n).join("/"));
    return folders.map((folder) => readOr(`${base}/${folder}/${file}`).trim());
  });
  // Version 1 writes "no limit" as the largest number of pages
  const numbers = limits.filter((text) => /^\d+$/.test(text)).map(Number).filter((n) =>
    n < 2 ** 60
  );
  return numbers.length === 0 ? null : Math.min(...numbers);
}

function readOr(path: string, otherwise = ""): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return otherwise;
  }
}
