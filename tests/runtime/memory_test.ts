import assert from "node:assert/strict";
import { peakResidentBytes, residentBytes } from "../../lib/runtime/mod.ts";

Deno.test("residentBytes() and peakResidentBytes() count bytes", () => {
  const size = 64 * 2 ** 20;
  const before = peakResidentBytes();
  const memory = new Uint8Array(size).fill(1);
  assert.ok(residentBytes() > size);
  assert.ok(peakResidentBytes() >= before);
  assert.ok(peakResidentBytes() < 2 ** 40);
  assert.equal(memory[size - 1], 1);
});

Deno.test("sessions give their memory back", async () => {
  // In a process of its own, as other tests use memory beside this one.
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--v8-flags=--expose-gc",
      new URL("_sessions.ts", import.meta.url).pathname,
    ],
    stderr: "inherit",
  }).output();
  assert.ok(success);
  const { early, late } = JSON.parse(new TextDecoder().decode(stdout));
  assert.ok(late < 1.05 * early, `resident: ${early} bytes, then ${late}`);
});
