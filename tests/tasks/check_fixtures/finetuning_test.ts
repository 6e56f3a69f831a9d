import assert from "node:assert/strict";
import { FAKE_DEVICE } from "../../../lib/runtime/mod.ts";
import { checkFinetuning } from "../../../tasks/check_fixtures/finetuning.ts";

const folder = (name: string) => new URL(`../../fixtures/${name}`, import.meta.url).pathname;

Deno.test("the engine reproduces micro_finetune within the tolerances", () => {
  const rows = checkFinetuning(folder("micro_finetune"));
  assert.equal(rows.length, 7);
  assert.deepEqual(rows.filter(({ holds }) => !holds), []);
});

Deno.test("the engine reproduces micro_finetune with its state on a device", () => {
  const rows = checkFinetuning(folder("micro_finetune"), { device: FAKE_DEVICE });
  assert.deepEqual(rows.filter(({ holds }) => !holds), []);
});

Deno.test("checkFinetuning() refuses other tasks", () => {
  assert.throws(
    () => checkFinetuning(folder("micro_mae")),
    /its task is "pretrain", not "finetune"/,
  );
});
