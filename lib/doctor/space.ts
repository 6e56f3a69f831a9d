import { statfsSync } from "node:fs";
import { memoryLimit } from "../runtime/mod.ts";

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
    memoryLimit: memoryLimit(),
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
