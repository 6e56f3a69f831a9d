import assert from "node:assert/strict";
import { FAKE_DEVICE } from "../../../lib/runtime/mod.ts";
import { checkLinearProbe } from "../../../tasks/check_fixtures/linear_probe.ts";

const folder = (name: string) => new URL(`../../fixtures/${name}`, import.meta.url).pathname;

Deno.test("the engine reproduces micro_linprobe within the tolerances", () => {
  const rows = checkLinearProbe(folder("micro_linprobe"));
  assert.equal(rows.length, 7);
  assert.deepEqual(rows.filter(({ holds }) => !holds), []);
});

Deno.test("the engine reproduces micro_linprobe with its state on a device", () => {
  const rows = checkLinearProbe(folder("micro_linprobe"), { device: FAKE_DEVICE });
  assert.deepEqual(rows.filter(({ holds }) => !holds), []);
});

Deno.test("checkLinearProbe() refuses other tasks", () => {
  assert.throws(
    () => checkLinearProbe(folder("micro_mae")),
    /its task is "pretrain", not "linprobe"/,
  );
});
