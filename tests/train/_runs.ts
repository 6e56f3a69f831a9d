/** Short pretraining runs on a small dataset, in a temporary folder. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { latestCheckpoint } from "../../lib/checkpoint/mod.ts";
import type { PretrainOptions } from "../../lib/recipes/mod.ts";
import type { openDeviceContext } from "../../lib/runtime/mod.ts";
import type { PretrainObserver, StepMetrics } from "../../lib/train/events.ts";
import type { JobObserver } from "../../lib/train/job.ts";
import { JOBS } from "../../lib/train/jobs.ts";
import { planOf } from "../../lib/train/pretrain.ts";
import { startStreams } from "../../lib/train/streams.ts";
import { planRun } from "../../lib/train/train_run.ts";
import type { TrainOutcome } from "../../lib/train/trainer.ts";
import { TINY } from "../../tasks/tiny.ts";
import { type DatasetSizes, writeDataset } from "./_dataset.ts";

/** 12 training images in 3 batches, 5 held out. */
export const SIZES: DatasetSizes = { size: 9, train: 12, val: 5 };
export const STEPS = 7;
export const OPTIONS: PretrainOptions = {
  ...TINY,
  steps: STEPS,
  warmup: { count: 2 },
  lr: 1e-2,
  seed: 1,
  device: "cpu",
  checkpointEvery: { count: 4, unit: "steps" },
};

/** An observer that hears nothing of what is left out. */
export function silentExcept(observer: Partial<JobObserver>): JobObserver {
  const nothing = () => {};
  return {
    start: nothing,
    step: nothing,
    epoch: nothing,
    checkpoint: nothing,
    progress: nothing,
    warning: nothing,
    ...observer,
  };
}

/** How to train in this thread. */
export interface Here {
  readonly data?: string;
  readonly resume?: boolean;
  /** Steps that are told of, after which to stop. */
  readonly after?: number;
  readonly observer?: PretrainObserver;
  /** What stands for the device. */
  readonly openContext?: typeof openDeviceContext;
  readonly knnEvery?: number;
}

/** Runs in a folder with the datasets `data` and `unheld`, which has nothing held out. */
export class Runs implements Disposable {
  readonly folder = Deno.makeTempDirSync();

  constructor(sizes = SIZES) {
    writeDataset(`${this.folder}/data`, sizes);
    writeDataset(`${this.folder}/unheld`, { ...sizes, val: 0 });
  }

  /** A request for the run `name` on a dataset. */
  request(name: string, options: PretrainOptions = OPTIONS, { data = "data" } = {}) {
    const { folder } = this;
    return { data: `${folder}/${data}`, out: `${folder}/${name}`, options, resume: false };
  }

  /** Trains as the trainer Worker does, but in this thread, so that it stops after just the step that is wanted. */
  async here(name: string, options = OPTIONS, how: Here = {}): Promise<TrainOutcome> {
    const { after = Infinity, resume = false, observer = {}, openContext, knnEvery } = how;
    const request = { ...this.request(name, options, how), resume };
    const { task, lock } = await planRun(
      request,
      planOf(request.data, observer, { knnEvery }),
      (text) => observer.warning?.(text),
    );
    using _lock = lock;
    let now = 0;
    const told = silentExcept({
      ...observer as unknown as Partial<JobObserver>,
      step: (metrics) => {
        now++;
        observer.step?.(metrics as StepMetrics);
      },
    });
    using _workers = await startStreams(task.streams);
    return JOBS.pretrain(task, told, {
      stopped: () => now >= after,
      ...openContext === undefined ? {} : { openContext },
    });
  }

  /** Lines of metrics.jsonl without what differs between equal runs. */
  metrics(name: string): Record<string, unknown>[] {
    const text = Deno.readTextFileSync(`${this.folder}/${name}/metrics.jsonl`);
    return text.trimEnd().split("\n").map((line) => {
      const { images_per_second: _, data_wait: __, memory: ___, ...rest } = JSON.parse(line);
      return rest;
    });
  }

  /** Steps of the checkpoints of a run. */
  checkpoints(name: string): number[] {
    return [...Deno.readDirSync(`${this.folder}/${name}/checkpoints`)]
      .map((entry) => Number(/^step-(\d{8})$/.exec(entry.name)![1])).sort((a, b) => a - b);
  }

  /** Asserts that two runs have the same last checkpoint, byte for byte, and the same metrics. */
  assertSameRun(name: string, expected: string): void {
    const [a, b] = [name, expected].map((run) => latestCheckpoint(`${this.folder}/${run}`)!);
    assert.equal(a!.step, b!.step);
    for (const file of ["model.safetensors", "state.safetensors", "position.json"]) {
      const [x, y] = [a!, b!].map(({ path }) => Deno.readFileSync(`${path}/${file}`));
      assert.equal(Buffer.compare(x!, y!), 0, `${file} of ${name} and ${expected}`);
    }
    assert.deepEqual(this.metrics(name), this.metrics(expected));
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}
