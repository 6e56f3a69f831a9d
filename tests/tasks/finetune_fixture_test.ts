import assert from "node:assert/strict";
import { FAKE_DEVICE } from "../../lib/runtime/mod.ts";
import { checkFinetune } from "../../tasks/finetune_fixture.ts";

const folder = (name: string) => new URL(`../fixtures/${name}`, import.meta.url).pathname;

Deno.test("the engine reproduces micro_finetune within the tolerances", () => {
  const rows = checkFinetune(folder("micro_finetune"));
  assert.equal(rows.length, 7);
  assert.deepEqual(rows.filter(({ holds }) => !holds), []);
});

Deno.test("the engine reproduces micro_finetune with its state on a device", () => {
  const rows = checkFinetune(folder("micro_finetune"), { device: FAKE_DEVICE });
  assert.deepEqual(rows.filter(({ holds }) => !holds), []);
});

Deno.test("checkFinetune() refuses other tasks", () => {
  assert.throws(
    () => checkFinetune(folder("micro_mae")),
    /its task is "pretrain", not "finetune"/,
  );
});
