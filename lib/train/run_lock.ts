/** One writer of a run's folder. */
import { join } from "node:path";
import { exists, explainWrites, FileLock } from "../files/mod.ts";

/** Name of the file in a run's folder while somebody writes it. */
export const LOCK = ".lock";

/**
 * Makes a run's folder this process's until what is returned is disposed; a folder that was made for it and has stayed empty is
 * removed then. What a dead process has left is taken over, and told as a warning.
 *
 * @throws {LockedError} with process and machine if another process trains there.
 * @throws {WriteError} if the folder cannot be written.
 */
export function lockRun(out: string, warning: (text: string) => void = () => {}): Disposable {
  const isNew = !exists(out);
  const take = () => {
    if (isNew) Deno.mkdirSync(out, { recursive: true });
    return FileLock.take(join(out, LOCK), out);
  };
  let lock: FileLock;
  try {
    lock = explainWrites(out, take);
  } catch (error) {
    if (!isBlocked(error)) throw error;
    return { [Symbol.dispose]: () => {} }; // a file is in the way, which is refused with more words
  }
  if (lock.leftBy !== null) {
    const { pid, host } = lock.leftBy;
    warning(`${out} was left by process ${pid} on ${host}, which has ended; taken over`);
  }
  return {
    [Symbol.dispose]: () => {
      lock[Symbol.dispose]();
      if (isNew && exists(out) && Deno.readDirSync(out)[Symbol.iterator]().next().done) {
        Deno.removeSync(out);
      }
    },
  };
}

function isBlocked(error: unknown): boolean {
  return error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists;
}
