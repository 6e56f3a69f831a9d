import assert from "node:assert/strict";
import { explainWrites, WriteError } from "../../lib/files/mod.ts";

const failing = (code: string | undefined) => () => {
  throw Object.assign(new Error("os error"), code === undefined ? {} : { code });
};

Deno.test("explainWrites() says what could not be written, why, and what to do", () => {
  assert.equal(explainWrites("x", () => 3), 3);
  const cases: readonly [string, string][] = [
    ["ENOSPC", "the disk is full"],
    ["EROFS", "the file system is read-only"],
    ["EACCES", "permission denied"],
    ["EFBIG", "the file would be larger than is allowed"],
  ];
  for (const [code, reason] of cases) {
    assert.throws(() => explainWrites("runs/a", failing(code)), {
      name: "EnvironmentError",
      message: `Cannot write runs/a: ${reason}`,
    });
  }
  assert.throws(() => explainWrites("runs/a", failing("ENOSPC"), "make room"), {
    message: "Cannot write runs/a: the disk is full; make room",
  });
});

Deno.test("explainWrites() leaves other errors as they are", () => {
  for (const code of [undefined, "ENOENT"]) {
    assert.throws(() => explainWrites("x", failing(code)), { message: "os error", name: "Error" });
  }
});

Deno.test({
  name: "explainWrites() knows an error by its number where it has no code",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    const tooLarge = () => {
      throw new Error("File too large (os error 27)");
    };
    assert.throws(() => explainWrites("x", tooLarge), {
      name: "EnvironmentError",
      message: "Cannot write x: the file would be larger than is allowed",
    });
  },
});

Deno.test({
  name: "explainWrites() knows the errors of a full disk and of a folder that may not be written",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    const write = () => Deno.writeFileSync("/dev/full", new Uint8Array(1), { create: false });
    assert.throws(() => explainWrites("/dev/full", write), WriteError);
    assert.throws(() => explainWrites("/proc/x", () => Deno.mkdirSync("/sys/kernel/x")), {
      message: /^Cannot write \/proc\/x: (permission denied|the file system is read-only)$/,
    });
  },
});
