import assert from "node:assert/strict";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { exists, FileLock, LockedError } from "../../lib/files/mod.ts";
import { inFolder } from "../_folder.ts";

const HOLDER = fileURLToPath(new URL("./_holder.ts", import.meta.url));

const withLock = (test: (path: string) => Promise<void> | void) => () =>
  inFolder((folder) => test(`${folder}/.lock`));

/** Another process that holds the lock; its first line is read. */
async function holder(path: string, then: "wait" | "release") {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", HOLDER, path, then],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const { value } = await process.stdout.getReader().read();
  const end = async () => {
    process.kill("SIGKILL");
    await process.status;
    await process.stdin.close().catch(() => {});
  };
  return { pid: process.pid, said: JSON.parse(new TextDecoder().decode(value)), process, end };
}

Deno.test(
  "FileLock.take() refuses while another process holds it, with its id and machine",
  withLock(async (path) => {
    const other = await holder(path, "wait");
    const message = `Cannot write the run: process ${other.pid} on ${hostname()} is writing it; ` +
      "wait for it, or end it";
    assert.throws(() => FileLock.take(path, "the run"), { name: "LockedError", message });
    assert.throws(() => FileLock.take(path, "the run"), LockedError);
    await other.end();
  }),
);

Deno.test(
  "FileLock.take() takes over what a killed process has left, and says from whom",
  withLock(async (path) => {
    const other = await holder(path, "wait");
    await other.end();
    assert.ok(exists(path), "the killed process cannot have removed it");
    using lock = FileLock.take(path, "the run");
    assert.deepEqual(lock.leftBy, { pid: other.pid, host: hostname() });
    assert.throws(() => FileLock.take(path, "the run"), new RegExp(`process ${Deno.pid} on`));
  }),
);

Deno.test(
  "a FileLock that is released leaves nothing, and the next one says nothing of it",
  withLock(async (path) => {
    const other = await holder(path, "release");
    await other.process.status;
    await other.process.stdin.close();
    assert.equal(exists(path), false);
    for (let i = 0; i < 3; i++) {
      using lock = FileLock.take(path, "the run");
      assert.equal(lock.leftBy, null);
      assert.ok(exists(path));
    }
    assert.equal(exists(path), false);
  }),
);

Deno.test(
  "of several processes that start at once one gets the lock",
  withLock(async (path) => {
    const starts = Array.from({ length: 4 }, () =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", HOLDER, path, "wait"],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn());
    const outputs = starts.map(async (process) => {
      const { value } = await process.stdout.getReader().read();
      return value === undefined ? "refused" : "holds";
    });
    const first = await Promise.all(outputs);
    assert.deepEqual(first.toSorted(), ["holds", "refused", "refused", "refused"]);
    for (const process of starts) {
      try {
        process.kill("SIGKILL");
      } catch {
        // it was refused and has ended
      }
      await process.stderr.cancel();
      await process.stdin.close().catch(() => {});
      await process.status;
    }
  }),
);

Deno.test(
  "a lock file that says nothing, or nonsense, is taken without a word",
  withLock((path) => {
    for (const text of ["", "{", '{"pid": "x"}', "null"]) {
      Deno.writeTextFileSync(path, text);
      using lock = FileLock.take(path, "the run");
      assert.equal(lock.leftBy, null);
    }
  }),
);

Deno.test(
  "where there are no locks, the process that the file names decides",
  withLock((path) => {
    const { tryLockSync } = Deno.FsFile.prototype;
    Deno.FsFile.prototype.tryLockSync = () => {
      throw new Deno.errors.NotSupported("no locks available");
    };
    try {
      const say = (pid: number, host = hostname()) =>
        Deno.writeTextFileSync(path, JSON.stringify({ pid, host }));
      say(Deno.pid);
      assert.throws(() => FileLock.take(path, "the run"), {
        message: `Cannot write the run: process ${Deno.pid} on ${hostname()} may be writing it; ` +
          `if it is not, remove ${path}`,
      });
      say(1, "elsewhere");
      assert.throws(() => FileLock.take(path, "the run"), /process 1 on elsewhere may be writing/);
      say(2 ** 22 + 1); // beyond the greatest process id that Linux has
      using lock = FileLock.take(path, "the run");
      assert.equal(lock.leftBy?.pid, 2 ** 22 + 1);
    } finally {
      Deno.FsFile.prototype.tryLockSync = tryLockSync;
    }
  }),
);
