import assert from "node:assert/strict";
import { FAKE_DEVICE } from "../../../lib/runtime/mod.ts";
import { checkPretraining } from "../../../tasks/check_fixtures/pretraining.ts";

const folder = (name: string) => new URL(`../../fixtures/${name}`, import.meta.url).pathname;

for (const name of ["micro_ccmim", "micro_mae"]) {
  Deno.test(`the engine reproduces ${name} within the tolerances`, () => {
    const failing = checkPretraining(folder(name)).filter(({ holds }) => !holds);
    assert.deepEqual(failing, []);
  });

  Deno.test(`the engine reproduces ${name} with its state on a device`, () => {
    const failing = checkPretraining(folder(name), { device: FAKE_DEVICE })
      .filter(({ holds }) => !holds);
    assert.deepEqual(failing, []);
  });
}

Deno.test("checkPretraining() refuses other tasks", async () => {
  const other = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${other}/expected.json`, JSON.stringify({ task: "finetune" }));
    assert.throws(() => checkPretraining(other), /its task is "finetune", not "pretrain"/);
  } finally {
    await Deno.remove(other, { recursive: true });
  }
});
