import assert from "node:assert/strict";
import { arenaStatistics, Environment, hostAllocator } from "../../lib/runtime/mod.ts";
import { chainModel } from "./_model.ts";

const SIZE = 128, DEPTH = 4; // three results of 64 KiB between input and output
const MATRIX = SIZE * SIZE * 4;

/** Runs the chain twice, and returns the statistics before and after. */
function statistics(options: { arena?: boolean }) {
  using environment = Environment.open();
  using session = environment.session(chainModel(SIZE, DEPTH), { threads: 1, ...options });
  using buffer = hostAllocator.allocate(2 * MATRIX);
  const matrix = { dtype: "float32", shape: [SIZE, SIZE] } as const;
  using x = environment.tensor(buffer, matrix);
  using y = environment.tensor(buffer, { ...matrix, byteOffset: MATRIX });
  using binding = session.bind({ inputs: { x }, outputs: { [`x${DEPTH}`]: y } });
  const before = arenaStatistics(session);
  binding.run();
  binding.run();
  return { before, after: arenaStatistics(session) };
}

Deno.test("arenaStatistics() counts what a run had in use at once", () => {
  const { before, after } = statistics({});
  assert.ok(before !== null && after !== null);
  const used = after.peak - before.inUse;
  // A product's operand and its result, of which neither is bound memory
  assert.ok(used >= 2 * MATRIX && used < 4 * MATRIX, `${used} bytes in use`);
  assert.equal(after.inUse, before.inUse);
  assert.ok(after.reserved >= after.peak);
  assert.ok(after.largest >= MATRIX);
  assert.ok(after.allocations >= before.allocations + 4);
  assert.equal(after.limit, null);
});

Deno.test("arenaStatistics() is null without an arena", () => {
  assert.equal(statistics({ arena: false }).after, null);
});
