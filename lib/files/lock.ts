/** One writer at a time: a file that its writer holds locked, and that says who that is. */
import { hostname } from "node:os";
import process from "node:process";

/** Somebody else is writing. */
export class LockedError extends Error {
  /** Name of the class. */
  override readonly name = "LockedError";
}

/** Who holds a lock, or held it. */
export interface LockOwner {
  /** Process that holds the lock. */
  readonly pid: number;
  /** Machine that the process runs on. */
  readonly host: string;
}

/**
 * A lock that is held until it is disposed. The system lets go of it when the process ends, however that happens (flock(2)), so
 * a file that a dead process has left behind does not hold up the next. Where the file system has no locks, the process that
 * the file names is looked for on this machine.
 */
export class FileLock implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  /** The owner that has left the lock behind without releasing it; null if there was none. */
  readonly leftBy: LockOwner | null;

  private constructor(path: string, file: Deno.FsFile, leftBy: LockOwner | null) {
    this.#path = path;
    this.#file = file;
    this.leftBy = leftBy;
  }

  /**
   * Takes the lock at `path`, a file in a folder that there is.
   *
   * @param what names what is locked, for the message.
   * @throws {LockedError} with process and machine if another holds it.
   */
  static take(path: string, what: string): FileLock {
    for (;;) {
      const file = Deno.openSync(path, { read: true, write: true, create: true });
      try {
        const isFree = tryLock(file);
        const owner = readOwner(file);
        if (isFree === false || (isFree === null && owner !== null && mayLive(owner))) {
          throw new LockedError(refusal(what, owner, { path, isSure: isFree === false }));
        }
        if (!isSame(file, path)) { // its owner has just removed it
          file.close();
          continue;
        }
        writeOwner(file);
        return new FileLock(path, file, owner);
      } catch (error) {
        file.close();
        throw error;
      }
    }
  }

  /** Gives the lock back. */
  [Symbol.dispose](): void {
    try {
      if (isSame(this.#file, this.#path)) Deno.removeSync(this.#path); // else somebody removed it, with its folder
    } finally {
      this.#file.close();
    }
  }
}

/** Whether the lock was free, and is held now; null where the file system has no locks. */
function tryLock(file: Deno.FsFile): boolean | null {
  try {
    return file.tryLockSync(true);
  } catch {
    return null;
  }
}

/** Whether the open file is still the one at `path`. */
function isSame(file: Deno.FsFile, path: string): boolean {
  try {
    const [mine, there] = [file.statSync(), Deno.statSync(path)];
    return mine.ino === there.ino && mine.dev === there.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function readOwner(file: Deno.FsFile): LockOwner | null {
  const bytes = new Uint8Array(4096);
  file.seekSync(0, Deno.SeekMode.Start);
  const length = file.readSync(bytes) ?? 0;
  try {
    const { pid, host } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, length)));
    return Number.isSafeInteger(pid) && typeof host === "string" ? { pid, host } : null;
  } catch {
    return null; // empty: it has just been made
  }
}

function writeOwner(file: Deno.FsFile): void {
  const owner: LockOwner = { pid: Deno.pid, host: hostname() };
  const bytes = new TextEncoder().encode(`${JSON.stringify(owner)}\n`);
  file.truncateSync(0);
  file.seekSync(0, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
}

/** Where there are no locks: false only if it is certain that the process is gone. */
function mayLive({ pid, host }: LockOwner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code !== "ESRCH";
  }
}

function refusal(
  what: string,
  owner: LockOwner | null,
  { path, isSure }: { readonly path: string; readonly isSure: boolean },
): string {
  const who = owner === null ? "another process" : `process ${owner.pid} on ${owner.host}`;
  return isSure
    ? `Cannot write ${what}: ${who} is writing it; wait for it, or end it`
    : `Cannot write ${what}: ${who} may be writing it; if it is not, remove ${path}`;
}
