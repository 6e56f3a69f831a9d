/** Runs that are stopped, and those that go on. */
import assert from "node:assert/strict";
import { latestCheckpoint } from "../../lib/checkpoint/mod.ts";
import type { PretrainOptions } from "../../lib/recipes/mod.ts";
import type { PretrainObserver } from "../../lib/train/events.ts";
import { pretrain } from "../../lib/train/mod.ts";
import { OPTIONS, STEPS } from "./_runs.ts";
import {
  assertSameRun,
  checkpoints,
  here,
  metrics,
  pathOf,
  request,
  wholeRun,
} from "./_shared_runs.ts";

Deno.test("pretrain() resumes in a Worker exactly where a run was stopped", async () => {
  const { rec, valRec } = await wholeRun();
  assert.equal((await here("stopped", OPTIONS, { after: 5 })).done, 5);
  const result = await pretrain({ ...request("stopped", {}), resume: true });
  assert.deepEqual([result.steps, result.stepsNow], [STEPS, 2]);
  assert.deepEqual([result.rec, result.valRec], [rec, valRec]);
  assertSameRun("stopped", "whole");
  assert.deepEqual(checkpoints("stopped"), [4, 5, 7]);
});

for (const [method, accumulate] of [["ccmim", 1], ["ccmim", 2], ["mae", 3]] as const) {
  const whole = `${method}-${accumulate}`;
  Deno.test(`a run goes on exactly wherever it is stopped: ${whole}`, async () => {
    const options = { ...OPTIONS, method, accumulate };
    await here(whole, options);
    for (const after of [1, 4, 6]) {
      const name = `${whole}-${after}`;
      await here(name, options, { after });
      assert.equal(latestCheckpoint(pathOf(name))!.step, after);
      assert.equal(metrics(name).at(-1)!.step, after);
      const outcome = await here(name, {}, { resume: true });
      assert.deepEqual([outcome.done, outcome.doneNow], [STEPS, STEPS - after]);
      assertSameRun(name, whole);
      // one that was written for the stop stays while it is one of the two newest
      const stayed = after === 1 ? [] : [after];
      assert.deepEqual(checkpoints(name), [...new Set([...stayed, 4, STEPS])].sort());
    }
  });
}

Deno.test("a run computes again what came after the last checkpoint before it died", async () => {
  const options = { ...OPTIONS, accumulate: 2 };
  await here("lives", options);
  await here("died", options, { after: 6 });
  Deno.removeSync(`${pathOf("died")}/checkpoints/step-00000006`, { recursive: true });
  Deno.mkdirSync(`${pathOf("died")}/checkpoints/.tmp-step-00000006-1`);
  const path = `${pathOf("died")}/metrics.jsonl`;
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).slice(0, -10));
  assert.equal((await here("died", {}, { resume: true })).doneNow, 3);
  assertSameRun("died", "lives");
  assert.deepEqual(checkpoints("died"), [4, 7]);
});

Deno.test("pretrain() stops by a signal after a step, with a checkpoint of it", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const observer: PretrainObserver = { step: () => controller.abort() };
  const name = "signalled";
  const steps = 5000; // far more than it takes in the time a signal needs
  await assert.rejects(pretrain(request(name, { ...OPTIONS, steps }), observer, signal), {
    name: "InterruptedError",
    message: /^Stopped after \d+ of 5000 steps; go on with --resume \(checkpoint: .*step-\d+\)$/,
  });
  const { step } = latestCheckpoint(pathOf(name))!;
  assert.ok(step >= 1 && step < steps);
  assert.equal(metrics(name).at(-1)!.step, step);
});

Deno.test("pretrain() stops before its first step, and starts from there", async () => {
  const controller = new AbortController();
  const run = pretrain(request("early"), {}, controller.signal);
  controller.abort();
  await assert.rejects(run, {
    name: "InterruptedError",
    message: "Stopped after 0 of 7 steps; go on with --resume",
  });
  const warnings: string[] = [];
  const observer = { warning: (text: string) => void warnings.push(text) };
  await pretrain({ ...request("early"), resume: true }, observer);
  assert.deepEqual(warnings, [
    `${pathOf("early")} holds no checkpoint yet: the run starts from its beginning`,
  ]);
  await wholeRun();
  assertSameRun("early", "whole");
});

Deno.test("pretrain() touches nothing when its signal has fired already", async () => {
  const run = pretrain(request("never"), {}, AbortSignal.abort());
  await assert.rejects(run, { name: "AbortError" });
  assert.throws(() => Deno.statSync(pathOf("never")), Deno.errors.NotFound);
});

Deno.test("pretrain() resumes a finished run by saying how it ended", async () => {
  const before = await wholeRun();
  const result = await pretrain({ ...request("whole"), resume: true });
  assert.deepEqual(result, {
    ...before,
    stepsNow: 0,
    seconds: result.seconds,
    imagesPerSecond: 0,
  });
});

Deno.test("pretrain() with resume starts a run where there is none, and says so", async () => {
  const warnings: string[] = [];
  const observer = { warning: (text: string) => void warnings.push(text) };
  const options = { ...OPTIONS, steps: 3 };
  const result = await pretrain({ ...request("fresh", options), resume: true }, observer);
  assert.equal(result.stepsNow, 3);
  assert.deepEqual(warnings, [`${pathOf("fresh")} holds no run to go on with: a new one starts`]);
});

Deno.test("pretrain() refuses to resume with other options, naming the flag", async () => {
  await wholeRun();
  const cases: [PretrainOptions, RegExp][] = [
    [{ lr: 1 }, /^Cannot resume with --lr 1: the run was started with 0\.01$/],
    [{ seed: 2 }, /^Cannot resume with --seed 2: the run was started with 1$/],
    [{ method: "mae" }, /--method mae/],
    [{ accumulate: 2 }, /--accumulate 2/],
    [{ steps: 9 }, /--steps 9/],
  ];
  for (const [options, message] of cases) {
    const run = pretrain({ ...request("whole", options), resume: true });
    await assert.rejects(run, { name: "ConfigError", message });
  }
});
