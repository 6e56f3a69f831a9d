import { deepEqual, equal, match } from "node:assert/strict";
import {
  type CheckpointContent,
  cleanCheckpoints,
  completeCheckpoints,
  latestCheckpoint,
  pruneCheckpoints,
  type Retention,
  saveCheckpoint,
  soundCheckpoint,
} from "../../lib/checkpoint/mod.ts";
import { inFolder } from "../_folder.ts";

const content: CheckpointContent = {
  model: new Map([["w", { dtype: "uint8", shape: [3], data: Uint8Array.of(7, 8, 9) }]]),
  state: new Map([["count", { dtype: "int64", shape: [], data: new Uint8Array(8) }]]),
  position: { microBatch: 200 },
};

const inRun = (body: (run: string, folder: string) => void) =>
  inFolder((run) => body(run, `${run}/checkpoints`));
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const steps = (run: string) => completeCheckpoints(run).map(({ step }) => step);

Deno.test("latestCheckpoint() finds the highest step that is complete", () =>
  inRun((run, folder) => {
    equal(latestCheckpoint(run), null);
    for (const step of [9, 100, 20]) saveCheckpoint(run, step, content);
    Deno.writeTextFileSync(`${folder}/step-00000999`, "a file");
    Deno.mkdirSync(`${folder}/step-1`);
    equal(latestCheckpoint(run)?.step, 100);
    deepEqual(steps(run), [9, 20, 100]);
    Deno.truncateSync(`${folder}/step-00000100/model.safetensors`, 5);
    equal(latestCheckpoint(run)?.step, 20);
    Deno.removeSync(`${folder}/step-00000020/state.safetensors`);
    deepEqual(latestCheckpoint(run), { path: `${folder}/step-00000009`, step: 9 });
    deepEqual(steps(run), [9]);
    Deno.removeSync(`${folder}/step-00000009/position.json`);
    equal(latestCheckpoint(run), null);
  }));

Deno.test("soundCheckpoint() finds the newest whose every byte is right, and tells of those that are not", () =>
  inRun((run, folder) => {
    for (const step of [1, 2, 3, 4]) saveCheckpoint(run, step, content);
    const flip = (file: string) => {
      const bytes = Deno.readFileSync(file);
      bytes[bytes.length - 1]! ^= 1;
      Deno.writeFileSync(file, bytes);
    };
    flip(`${folder}/step-00000004/state.safetensors`);
    Deno.writeTextFileSync(`${folder}/step-00000003/position.json`, "{");
    const told: string[] = [];
    const found = soundCheckpoint(run, ({ step }, reason) => told.push(`${step}: ${reason}`));
    equal(found?.step, 2);
    equal(told.length, 2);
    match(told[0]!, /^4: Cannot use .*state\.safetensors: its sha256 is .* changed or damaged$/);
    match(told[1]!, /^3: Cannot read .*position\.json as JSON: /);
    flip(`${folder}/step-00000002/model.safetensors`);
    Deno.removeSync(`${folder}/step-00000001/model.safetensors`);
    equal(soundCheckpoint(run, () => {}), null);
    equal(soundCheckpoint(`${run}/none`, () => {}), null);
  }));

Deno.test("cleanCheckpoints() removes leftovers, and gives back what was moved aside", () =>
  inRun((run, folder) => {
    cleanCheckpoints(run);
    for (const step of [1, 2]) saveCheckpoint(run, step, content);
    Deno.mkdirSync(`${folder}/.tmp-step-00000003-77`);
    Deno.mkdirSync(`${folder}/mine`);
    Deno.renameSync(`${folder}/step-00000002`, `${folder}/.tmp-step-00000002-77-old`);
    Deno.mkdirSync(`${folder}/.tmp-step-00000001-78-old`);
    equal(latestCheckpoint(run)?.step, 1);
    cleanCheckpoints(run);
    deepEqual(names(folder), ["mine", "step-00000001", "step-00000002"]);
    equal(soundCheckpoint(run, () => {})?.step, 2);
  }));

Deno.test("pruneCheckpoints() keeps the newest, and multiples", () => {
  const cases: readonly [Retention, number, number[]][] = [
    [{ newest: 1, every: null }, 60, [60]],
    [{ newest: 2, every: null }, 60, [50, 60]],
    [{ newest: 2, every: 20 }, 60, [20, 40, 50, 60]],
    [{ newest: 1, every: 30 }, 50, [30, 50, 60]],
    [{ newest: 9, every: null }, 60, [10, 20, 30, 40, 50, 60]],
  ];
  for (const [retention, step, kept] of cases) {
    inRun((run, folder) => {
      for (const step of [10, 20, 30, 40, 50, 60]) saveCheckpoint(run, step, content);
      Deno.writeTextFileSync(`${folder}/notes.txt`, "mine");
      const removed = pruneCheckpoints(run, step, retention);
      deepEqual(steps(run), kept, JSON.stringify(retention));
      equal(removed.length, 6 - kept.length);
      deepEqual(names(folder).filter((name) => !name.startsWith("step-")), ["notes.txt"]);
    });
  }
});
