import assert from "node:assert/strict";
import type { ArenaStatistics } from "../../lib/runtime/mod.ts";

const MiB = 2 ** 20;

/** In a process of its own, as the arena is the process's. */
async function run(limit: number): Promise<{ statistics: ArenaStatistics[]; error: string }> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("_shared_arena.ts", import.meta.url).pathname, String(limit)],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("a shared arena serves one session after the other", async () => {
  const { statistics: [first, second], error } = await run(0);
  assert.equal(error, "");
  // Two constants, and two results at a time
  assert.ok(first!.peak >= 4 * MiB && first!.peak < 5 * MiB, `${first!.peak} bytes`);
  assert.deepEqual({ ...second, allocations: 0 }, { ...first, allocations: 0 });
  assert.ok(second!.allocations > first!.allocations);
  assert.equal(first!.limit, null);
});

Deno.test("a run that needs more than a shared arena's limit fails", async () => {
  const { statistics: [first], error } = await run(3.5 * MiB);
  assert.equal(first!.limit, 3.5 * MiB);
  assert.ok(first!.reserved <= 3.5 * MiB, `${first!.reserved} bytes`);
  assert.match(
    error,
    /^OrtError: .*Available memory of \d+ is smaller than requested bytes of \d+/s,
  );
});
