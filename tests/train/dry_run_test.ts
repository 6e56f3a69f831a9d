import assert from "node:assert/strict";
import { pretrain, tryPretrain } from "../../lib/train/mod.ts";
import { OPTIONS, Runs, STEPS } from "./_runs.ts";

/** Names of what is in a folder. */
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("tryPretrain() resolves everything, tries some steps and writes nothing", async () => {
  using runs = new Runs();
  const request = runs.request("run");
  const plan = await tryPretrain(request);
  assert.deepEqual(names(runs.folder), ["data", "unheld"]);
  assert.deepEqual([plan.dryRun, plan.out, plan.tried], [true, request.out, 3]);
  assert.deepEqual([plan.steps, plan.stepsLeft, plan.step], [STEPS, STEPS, 0]);
  assert.deepEqual([plan.config.batch, plan.config.seed, plan.config.device], [4, 1, "cpu"]);
  assert.ok(plan.memory.total > 0 && plan.memory.available > plan.memory.total);
  assert.ok(plan.secondsPerStep > 0);
  assert.equal(plan.seconds, STEPS * plan.secondsPerStep);
  assert.equal(plan.imagesPerSecond, 4 / plan.secondsPerStep);

  const result = await pretrain(request);
  const bytes = names(result.checkpoint).reduce(
    (sum, name) => sum + Deno.statSync(`${result.checkpoint}/${name}`).size,
    0,
  );
  assert.ok(
    Math.abs(plan.checkpointBytes / bytes - 1) < 0.5,
    `${plan.checkpointBytes} of ${bytes}`,
  );
});

Deno.test("tryPretrain() of a run that goes on counts the steps that are left, and leaves it as it is", async () => {
  using runs = new Runs();
  await runs.here("run", OPTIONS, { after: 5 });
  const before = [runs.checkpoints("run"), runs.metrics("run")];
  const plan = await tryPretrain({ ...runs.request("run"), resume: true });
  assert.deepEqual([plan.step, plan.stepsLeft, plan.tried], [5, 2, 1]);
  assert.deepEqual([runs.checkpoints("run"), runs.metrics("run")], before);
});

Deno.test("tryPretrain() refuses what pretrain() refuses, and makes no folder", async () => {
  using runs = new Runs();
  const refused = (options: object) => tryPretrain(runs.request("run", { ...OPTIONS, ...options }));
  await assert.rejects(refused({ heads: 3 }), { name: "ConfigError" });
  await assert.rejects(tryPretrain({ ...runs.request("run"), data: "nowhere" }), {
    name: "DataError",
  });
  await runs.here("run");
  await assert.rejects(refused({}), { message: /it already holds one; go on with --resume/ });
  await assert.rejects(tryPretrain(runs.request("x"), {}, AbortSignal.abort()), {
    name: "AbortError",
  });
  assert.deepEqual(names(runs.folder), ["data", "run", "unheld"]);
});
