import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { latestCheckpoint, loadCheckpoint } from "../../lib/checkpoint/mod.ts";
import type { Lowering } from "../../lib/lower/mod.ts";
import { type Precision, type PretrainConfig, resolvePretrain } from "../../lib/recipes/mod.ts";
import {
  type DeviceContext,
  openDeviceContext,
  type SessionOptions,
} from "../../lib/runtime/mod.ts";
import { evaluationGraph, gradientGraph, type StepMetrics } from "../../lib/train/mod.ts";
import { PRECISION_OPTIONS } from "../../lib/train/precision.ts";
import { JOBS } from "../../lib/train/jobs.ts";
import { planPretrainStreams, startStreams } from "../../lib/train/streams.ts";
import { TINY } from "../../tasks/tiny.ts";
import { inFolder } from "../_folder.ts";
import { writeDataset } from "./_dataset.ts";
import { silentExcept } from "./_runs.ts";

const SIZES = { size: 9, train: 12, val: 4 };

/** A tiny run's configuration, in a precision that the CPU has not. */
function configIn(precision: Precision): PretrainConfig {
  const options = {
    ...TINY,
    steps: 6,
    warmup: { count: 1 },
  } as const;
  const facts = { imageSize: SIZES.size, trainCount: SIZES.train };
  return { ...resolvePretrain(options, facts), precision };
}

/** The two graphs of the model, as a run in some precision has them. */
function modelsOf(config: PretrainConfig, lower: Lowering | null): Uint8Array[] {
  const sizes = { batch: config.batch, storedSize: SIZES.size, crop: true };
  return [gradientGraph, evaluationGraph].map((graph) => graph(config, sizes, { lower }).model);
}

/** Runs `steps` steps on the CPU, with simulated graphs in place of those that it cannot run. */
async function run(folder: string, config: PretrainConfig, steps: number) {
  const data = `${folder}/data`;
  const from = latestCheckpoint(folder);
  const { lower } = PRECISION_OPTIONS[config.precision];
  const [wanted, simulated] = [lower, lower && { ...lower, simulate: true }]
    .map((lower) => modelsOf(config, lower)) as [Uint8Array[], Uint8Array[]];
  const [found, tf32] = [new Set<number>(), new Set<boolean | undefined>()];
  const openContext: typeof openDeviceContext = (device, environment) => {
    const context = openDeviceContext(device, environment);
    const session = (model: Uint8Array<ArrayBufferLike>, options: SessionOptions = {}) => {
      const i = wanted.findIndex((other) => Buffer.from(model).equals(Buffer.from(other)));
      if (i >= 0) found.add(i);
      tf32.add(options.tf32);
      return context.session(simulated[i] ?? model, options);
    };
    return new Proxy<DeviceContext>(context, {
      get(target, key) {
        const value = key === "session" ? session : Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };
  const metrics: StepMetrics[] = [];
  const reading = planPretrainStreams(data, config, { done: from?.step ?? 0 });
  using _workers = await startStreams(reading.streams);
  const task = { out: folder, config, from, ...reading, strictDevice: true, deviceReason: "" };
  const observer = silentExcept({ step: (event) => void metrics.push(event as StepMetrics) });
  JOBS.pretrain(task, observer, { stopped: () => metrics.length === steps, openContext });
  return { metrics, lowered: found.size, tf32: [...tf32] };
}

/** Calls `test` with a folder that holds a dataset. */
function withDataset(test: (folder: string) => Promise<void>): Promise<void> {
  return inFolder((folder) => {
    writeDataset(`${folder}/data`, SIZES);
    return test(folder);
  });
}

Deno.test("runPretraining() trains and evaluates in bfloat16, without a loss scale", () =>
  withDataset(async (folder) => {
    const { metrics, lowered, tf32 } = await run(folder, configIn("bfloat16"), 6);
    assert.equal(lowered, 2, "both graphs of the model are lowered");
    assert.deepEqual(tf32, [false]);
    assert.equal(metrics.length, 6);
    assert.ok(metrics.every((step) => Number.isFinite(step.loss) && !("lossScale" in step)));
  }));

Deno.test("runPretraining() keeps the loss scale of float16 in checkpoints", () =>
  withDataset(async (folder) => {
    const config = configIn("float16");
    const first = await run(folder, config, 3);
    assert.equal(first.lowered, 2);
    const read = () => {
      const { tensors } = loadCheckpoint(latestCheckpoint(folder)!.path).state;
      const scalar = (name: string) => new Float32Array(tensors.get(name)!.data.slice().buffer)[0];
      return { lossScale: scalar("lossScale"), goodSteps: scalar("goodSteps") };
    };
    const all = [...first.metrics];
    const wanted = () => ({
      lossScale: all.at(-1)!.lossScale,
      goodSteps: all.length - 1 - all.findLastIndex(({ skipped }) => skipped),
    });
    assert.deepEqual(read(), wanted());
    all.push(...(await run(folder, config, 3)).metrics);
    assert.deepEqual(all.map(({ step }) => step), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(read(), wanted());
    assert.ok(all.some(({ skipped }) => !skipped));
  }));

Deno.test("runPretraining() asks for TF32 with tf32 alone", () =>
  withDataset(async (folder) => {
    assert.deepEqual((await run(folder, configIn("tf32"), 1)).tf32, [true]);
    assert.deepEqual((await run(folder, configIn("float32"), 2)).tf32, [false]);
  }));
