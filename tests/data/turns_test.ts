import assert from "node:assert/strict";
import { turns } from "../../lib/data/turns.ts";

Deno.test("turns() lets timers run beside work that never waits", async () => {
  const turn = turns();
  let rang = 0;
  const timer = setInterval(() => rang++, 5);
  try {
    for (const end = performance.now() + 200; performance.now() < end;) await turn();
  } finally {
    clearInterval(timer);
  }
  assert.ok(rang >= 3, `${rang} times`);
});

Deno.test("turns() mostly has nobody wait", () => {
  const turn = turns();
  const waits = Array.from({ length: 100 }, turn).filter((wait) => wait !== undefined);
  assert.ok(waits.length <= 1);
});
