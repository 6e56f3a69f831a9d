import assert from "node:assert/strict";
import { hostname } from "node:os";
import { LOCK } from "../../lib/train/run_lock.ts";
import { pretrain } from "../../lib/train/mod.ts";
import { OPTIONS, Runs, STEPS } from "./_runs.ts";

let runs: Runs;
Deno.test.beforeAll(async () => {
  runs = new Runs();
  await runs.here("whole");
});
Deno.test.afterAll(() => runs[Symbol.dispose]());

const flip = (file: string) => {
  const bytes = Deno.readFileSync(file);
  bytes[bytes.length - 1]! ^= 1;
  Deno.writeFileSync(file, bytes);
};

Deno.test("a damaged newest checkpoint is told of, and the run goes on from the one before", async () => {
  await runs.here("damaged", OPTIONS, { after: 6 });
  flip(`${runs.folder}/damaged/checkpoints/step-00000006/state.safetensors`);
  const warnings: string[] = [];
  const outcome = await runs.here("damaged", {}, {
    resume: true,
    observer: { warning: (text) => warnings.push(text) },
  });
  assert.equal(outcome.doneNow, STEPS - 4);
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0]!,
    /^The checkpoint of step 6 is passed over: Cannot use .*state\.safetensors: its sha256 is .* damaged$/,
  );
  runs.assertSameRun("damaged", "whole");
});

Deno.test("a run none of whose checkpoints is whole is refused, and left as it is", async () => {
  await runs.here("ruined", OPTIONS, { after: 6 });
  const metrics = runs.metrics("ruined");
  for (const step of [4, 6]) {
    flip(`${runs.folder}/ruined/checkpoints/step-0000000${step}/model.safetensors`);
  }
  await assert.rejects(runs.here("ruined", {}, { resume: true }), {
    name: "DataError",
    message: `Cannot resume ${runs.folder}/ruined: none of its 2 checkpoints is whole; ` +
      "start a new run in another folder",
  });
  assert.deepEqual(runs.metrics("ruined"), metrics);
  assert.deepEqual(runs.checkpoints("ruined"), [4, 6]);
});

Deno.test("checkpoints that are written for the time change nothing in the run", async () => {
  const request = { ...runs.request("timed"), checkpoints: { minutes: 1e-9, keep: 3 } };
  await pretrain(request);
  assert.deepEqual(runs.checkpoints("timed"), [5, 6, 7]);
  runs.assertSameRun("timed", "whole");
});

Deno.test("a second run in one folder is refused while the first trains", async () => {
  const message = `Cannot write ${runs.folder}/busy: process ${Deno.pid} on ${hostname()} is ` +
    "writing it; wait for it, or end it";
  const refused: Promise<void>[] = [];
  const start = () => {
    const again = { ...runs.request("busy"), resume: true };
    refused.push(assert.rejects(pretrain(again), { name: "LockedError", message }));
  };
  await pretrain(runs.request("busy"), { start });
  await Promise.all(refused);
  assert.equal(refused.length, 1);
  runs.assertSameRun("busy", "whole");
});

Deno.test("what a killed process has left is taken over and cleaned up, and nothing else is", async () => {
  await runs.here("left", OPTIONS, { after: 6 });
  const run = `${runs.folder}/left`;
  Deno.writeTextFileSync(`${run}/${LOCK}`, '{"pid": 4194305, "host": "there"}\n');
  for (const name of [".tmp-metrics.jsonl-77", "checkpoints/.tmp-step-00000009-77", ".tmp-mine"]) {
    Deno.writeTextFileSync(`${run}/${name}`, "half");
  }
  const warnings: string[] = [];
  const observer = { warning: (text: string) => warnings.push(text) };
  await runs.here("left", {}, { resume: true, observer });
  assert.deepEqual(warnings, [
    `${run} was left by process 4194305 on there, which has ended; taken over`,
  ]);
  const names = [...Deno.readDirSync(run)].map(({ name }) => name).sort();
  assert.deepEqual(names, [".tmp-mine", "checkpoints", "config.json", "metrics.jsonl"]);
  assert.deepEqual(runs.checkpoints("left"), [4, 6, 7]);
  runs.assertSameRun("left", "whole");
});
