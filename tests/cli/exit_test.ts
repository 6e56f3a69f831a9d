import assert from "node:assert/strict";
import { EXIT, exitCode } from "../../cli/exit.ts";
import { DataError } from "../../lib/data/error.ts";
import { LockedError } from "../../lib/files/mod.ts";
import { ConfigError } from "../../lib/recipes/mod.ts";
import { EnvironmentError } from "../../lib/runtime/mod.ts";
import { DivergedError, InterruptedError } from "../../lib/train/mod.ts";

Deno.test("exitCode() is 2 for a configuration, 3 for data, 1 for anything else", () => {
  assert.equal(exitCode(new ConfigError("x")), 2);
  assert.equal(exitCode(new LockedError("x")), 2);
  assert.equal(exitCode(new DataError("x")), 3);
  assert.equal(exitCode(new TypeError("x")), 1);
  assert.equal(exitCode("not an error"), 1);
});

Deno.test("exitCode() knows an error by its name, and by what caused it", () => {
  const named = (name: string) => Object.assign(new Error("x"), { name });
  assert.equal(exitCode(new EnvironmentError("x")), EXIT.environment);
  assert.equal(exitCode(new DivergedError("x")), EXIT.diverged);
  assert.equal(exitCode(new InterruptedError("x")), EXIT.interrupted);
  assert.equal(exitCode(new DOMException("x", "AbortError")), EXIT.interrupted);
  assert.equal(exitCode(new Error("outer", { cause: named("DataError") })), EXIT.data);
});
