import assert from "node:assert/strict";
import type { PretrainOptions } from "../../lib/recipes/mod.ts";
import type { PretrainObserver } from "../../lib/train/events.ts";
import { DIVERGENCE, readDivergence } from "../../lib/train/divergence.ts";
import type { OnDivergence } from "../../lib/train/diverging.ts";
import { pretrain, PRETRAIN_RUNS } from "../../lib/train/mod.ts";
import { replay } from "../../lib/train/replay.ts";
import { OPTIONS, Runs } from "./_runs.ts";

let runs: Runs;
Deno.test.beforeAll(() => void (runs = new Runs()));
Deno.test.afterAll(() => runs[Symbol.dispose]());

/** Diverges in its third step, from parameters that are finite and far too large. */
const WILD = { ...OPTIONS, lr: 1e30, accumulate: 2, batch: 2, steps: 30 };

async function diverging(
  name: string,
  onDivergence: OnDivergence | undefined,
  options: PretrainOptions = WILD,
  observer: PretrainObserver = {},
) {
  const given = onDivergence === undefined ? {} : { onDivergence };
  return await pretrain({ ...runs.request(name, options), ...given }, observer);
}

Deno.test("a run that diverges leaves its batch, and says which tensor was the first", async () => {
  const folder = `${runs.folder}/stop/${DIVERGENCE}`;
  await assert.rejects(diverging("stop", undefined), {
    name: "DivergedError",
    message: "Cannot go on after step 3: the loss is NaN and the gradient's norm NaN; the first " +
      `tensor that is not finite is "score"; batch and parameters are in ${folder}; start a new ` +
      "run with a lower learning rate or with --clip-grad",
  });
  const report = JSON.parse(Deno.readTextFileSync(`${folder}/report.json`));
  assert.deepEqual(
    [report.step, report.epoch, report.seed, report.lr, report.loss, report.firstNotFinite],
    [3, 0, 1, 1e30, null, "score"],
  );
  const { model, batches, microBatches } = readDivergence(folder);
  assert.deepEqual(microBatches.map(({ index }) => index), [4, 5]);
  for (const [i, tensors] of batches.entries()) {
    const { shape } = tensors.get("images")!;
    assert.deepEqual(shape, [2, 9, 9, 3]);
    const samples = [...new Int32Array(tensors.get("samples")!.data.slice().buffer)];
    assert.deepEqual(samples, report.microBatches[i].samples);
    assert.deepEqual(samples.map((sample) => `a/${sample}.jpg`), microBatches[i]!.paths);
  }
  assert.ok(model.has("blocks.0.attn.qkv.weight"));
  assert.equal(report.isLate, false);
});

Deno.test("replay() finds the same ranges again, without dataset or checkpoint", () => {
  const folder = `${runs.folder}/stop/${DIVERGENCE}`;
  const report = JSON.parse(Deno.readTextFileSync(`${folder}/report.json`));
  const { step, batches } = replay(PRETRAIN_RUNS, { folder });
  assert.equal(step, 3);
  assert.deepEqual(batches.map(({ ranges }) => ranges), [
    report.microBatches[0].ranges,
    report.microBatches[1].ranges,
  ]);
  assert.equal(batches[0]!.firstNotFinite, "score");
  const names = batches[0]!.ranges.map(({ name }) => name);
  const order = ["images", "patch_embed.proj.weight", "score", "visible/blocks.0/attn", "loss"];
  const places = order.map((name) => names.indexOf(name));
  assert.deepEqual(places, places.toSorted((a, b) => a - b));
  assert.ok(places[0]! >= 0 && names.includes("grad norm.weight"));
});

Deno.test("replay() refuses what is no such folder", () => {
  assert.throws(() => replay(PRETRAIN_RUNS, { folder: `${runs.folder}/none` }), {
    name: "DataError",
    message: /^Cannot read .*none\/report\.json as a divergence: /,
  });
  const folder = `${runs.folder}/odd`;
  Deno.mkdirSync(folder);
  Deno.writeTextFileSync(`${folder}/report.json`, '{"format": "other"}');
  assert.throws(
    () => replay(PRETRAIN_RUNS, { folder }),
    /report\.json as a divergence: .*ccmim-divergence-1/,
  );
});

Deno.test("with skip a step that diverges is left out, but not more than ten in a row", async () => {
  const warnings: string[] = [];
  const observer = { warning: (text: string) => void warnings.push(text) };
  await assert.rejects(diverging("skip", "skip", { ...WILD, accumulate: 1, batch: 4 }, observer), {
    name: "DivergedError",
    message: /^Cannot go on after step 13: /,
  });
  assert.equal(warnings.length, 10);
  assert.match(warnings[0]!, /^Step 3 is left out: its loss is NaN, the first tensor /);
  const steps = runs.metrics("skip").filter((line) => "lr" in line);
  assert.deepEqual(steps.map(({ step, skipped }) => [step, skipped ?? false]), [
    [1, false],
    [2, false],
    ...Array.from({ length: 10 }, (_, i) => [i + 3, true]),
  ]);
});

Deno.test("with rollback the run goes back and on with half the rate, interrupted or not", async () => {
  const options = { ...OPTIONS, lr: 300, steps: 12 };
  const warnings: string[] = [];
  const observer = { warning: (text: string) => void warnings.push(text) };
  const result = await diverging("back", "rollback", options, observer);
  assert.equal(result.steps, 12);
  const told = warnings.filter((text) => text.includes("half the learning rate"));
  assert.ok(told.length >= 1 && told.length <= 3, told.join("\n"));
  assert.match(
    told[0]!,
    /^Cannot go on after step \d+: .*; back to step \d+ with half the learning rate up to step \d+ \(1 of 3 times\)$/,
  );
  const rollbacks = JSON.parse(Deno.readTextFileSync(`${runs.folder}/back/rollbacks.json`));
  assert.equal(rollbacks.length, told.length);
  const rates = runs.metrics("back").filter((line) => "lr" in line).map(({ lr }) => lr as number);
  assert.equal(rates.length, 12);
  assert.ok(rates.every(Number.isFinite));

  // The same with an end and a beginning after the last return
  const controller = new AbortController();
  let isBack = 0;
  const stopping: PretrainObserver = {
    warning: (text) => void (isBack += Number(text.includes("half the learning rate"))),
    step: () => isBack === told.length && controller.abort(),
  };
  const request = { ...runs.request("again", options), onDivergence: "rollback" } as const;
  await pretrain(request, stopping, controller.signal).catch((error) => {
    assert.equal(error.name, "InterruptedError");
  });
  await pretrain({ ...request, options: {}, resume: true });
  runs.assertSameRun("again", "back");
});

Deno.test("with rollback a run ends that diverges a fourth time", async () => {
  const warnings: string[] = [];
  const observer = { warning: (text: string) => void warnings.push(text) };
  await assert.rejects(diverging("hopeless", "rollback", WILD, observer), {
    name: "DivergedError",
    message: /^Cannot go on after step 3: /,
  });
  assert.equal(warnings.filter((text) => text.includes("half the learning rate")).length, 3);
});
