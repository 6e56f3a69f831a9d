/** Fine-tuning on a device that runs ahead. */
import assert from "node:assert/strict";
import { latestCheckpoint, loadCheckpoint } from "../../lib/checkpoint/mod.ts";
import type { FinetuneOptions } from "../../lib/finetune/mod.ts";
import { planOf } from "../../lib/finetune/plan.ts";
import { finetuneJob } from "../../lib/finetune/finetune_job.ts";
import { openSubject } from "../../lib/finetune/subject.ts";
import { CPU_CHUNK, openFakeContext } from "../../lib/runtime/mod.ts";
import { type JobOptions, planRun, startStreams } from "../../lib/train/mod.ts";
import { ProbeFolder } from "../probe/_subject.ts";

let folder: ProbeFolder;
Deno.test.beforeAll(async () => {
  folder = new ProbeFolder();
  await folder.draw();
});
Deno.test.afterAll(() => folder[Symbol.dispose]());

const TOLD = { warning: () => {} };

/** Fine-tunes in this thread. */
async function here(name: string, openContext: JobOptions["openContext"]) {
  const { path } = folder;
  const [data, out] = [`${path}/data`, `${path}/${name}`];
  const options: FinetuneOptions = {
    device: "cpu",
    threads: 1,
    recipe: "vit-b",
    epochs: 2,
    batch: 4,
    accumulate: 2,
    lr: 4e-3,
    dropPath: 0.3,
    ema: 0.8,
    holdOut: 0.2,
  };
  const subject = openSubject(`${path}/run`, data, options, TOLD);
  const request = { data, out, options, resume: false, dataWorkers: 1 };
  const planned = await planRun(request, planOf(data, subject));
  using _lock = planned.lock;
  using _workers = await startStreams(planned.task.streams);
  const observer = {
    ...TOLD,
    ...{ start() {}, step() {}, epoch() {}, checkpoint() {}, progress() {} },
  };
  const { metrics, best } = finetuneJob(planned.task, observer, {
    stopped: () => false,
    ...openContext ? { openContext } : {},
  });
  const { model, state } = loadCheckpoint(latestCheckpoint(out)!.path);
  const kept = loadCheckpoint(latestCheckpoint(`${out}/best`)!.path).model;
  return { metrics, best, model, state, kept };
}

Deno.test("fine-tuning on a device is the host's, byte for byte", async () => {
  const host = await here("host", undefined);
  for (const copies of ["late", "early"] as const) {
    const found = await here(copies, (_, environment) => {
      return openFakeContext(environment, { chunk: CPU_CHUNK, copies });
    });
    assert.deepEqual(found, host, copies);
  }
});
