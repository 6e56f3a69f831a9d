/** Whole runs on a device that runs ahead. */
import assert from "node:assert/strict";
import { latestCheckpoint } from "../../lib/checkpoint/mod.ts";
import { batchLayout } from "../../lib/data/mod.ts";
import type { PretrainOptions } from "../../lib/recipes/mod.ts";
import {
  CPU_CHUNK,
  type DeviceContext,
  type Environment,
  type FakeDeviceOptions,
  openFakeContext,
} from "../../lib/runtime/mod.ts";
import { OPTIONS, Runs } from "./_runs.ts";

let runs: Runs;
Deno.test.beforeAll(() => void (runs = new Runs()));
Deno.test.afterAll(() => runs[Symbol.dispose]());

/** Stands for the device of a run. Chunks are the host's, as another partition of a sum is rounded otherwise. */
const opener = (options: FakeDeviceOptions) => (_device: unknown, environment: Environment) =>
  openFakeContext(environment, { chunk: CPU_CHUNK, ...options });

const DEVICES = {
  "a late device": opener({ copies: "late" }),
  "an early device": opener({ copies: "early" }),
  "a device that pins nothing": opener({ pins: false }),
};

for (const [device, openContext] of Object.entries(DEVICES)) {
  for (const [method, accumulate] of [["ccmim", 1], ["mae", 3]] as const) {
    const name = `${device} ${method} ${accumulate}`;
    Deno.test(`a run on ${device} is the host's, byte for byte: ${method}, ${accumulate}`, async () => {
      const options: PretrainOptions = { ...OPTIONS, method, accumulate };
      await runs.here(`host ${name}`, options);
      await runs.here(name, options, { openContext });
      runs.assertSameRun(name, `host ${name}`);
      assert.deepEqual(runs.checkpoints(name), [4, 7]);

      // It is asked to stop when it is told of a step, and then the next one is under way
      const stopped = `${name} stopped`;
      const { done } = await runs.here(stopped, options, { openContext, after: 5 });
      const under = accumulate === 1 ? 6 : 5; // but not past the end of an epoch
      assert.deepEqual([done, runs.metrics(stopped).at(-1)!.step], [under, under]);
      await runs.here(stopped, {}, { openContext, resume: true });
      runs.assertSameRun(stopped, `host ${name}`);
    });
  }
}

Deno.test("a step on a device moves up its batch and little else, and down its losses", async () => {
  const sizes = { size: 32, train: 48, val: 8 };
  using wide = new Runs(sizes);
  for (const accumulate of [1, 2]) {
    const batch = 8;
    const options: PretrainOptions = {
      ...OPTIONS,
      batch,
      accumulate,
      checkpointEvery: { count: 99, unit: "steps" },
    };
    let context: DeviceContext | undefined;
    const traffic: { hostToDevice: number; deviceToHost: number }[] = [];
    await wide.here(`traffic ${accumulate}`, options, {
      openContext: (device, environment) => context = opener({})(device, environment),
      observer: { step: () => void traffic.push({ ...context!.traffic }) },
    });
    const { images, boxes, flips, noise } = batchLayout({ batch, size: 32, tokens: 16 }).fields;
    const own = [images, boxes, flips, noise].reduce((sum, { byteLength }) => sum + byteLength, 0);
    // Between the first two steps that are told of there is neither an evaluation nor a checkpoint
    const [first, second] = traffic;
    const up = second!.hostToDevice - first!.hostToDevice;
    const down = second!.deviceToHost - first!.deviceToHost;
    assert.ok(
      up >= own * accumulate && up <= 1.1 * own * accumulate,
      `${up} bytes up, batch ${own}`,
    );
    assert.ok(down > 0 && down <= 2048 * accumulate, `${down} bytes down`);
  }
});

Deno.test("a run on a device names the step that was not finite, though the next one was under way", async () => {
  const options: PretrainOptions = {
    ...OPTIONS,
    lr: 1e30,
    warmup: { count: 1 },
    checkpointEvery: { count: 99, unit: "steps" },
  };
  const wide = { ...options, batch: 2 }; // 6 steps an epoch: nothing but the next step makes the third be read
  const run = runs.here("diverged", wide, { openContext: opener({}) });
  await assert.rejects(run, {
    name: "DivergedError",
    message:
      /^Cannot go on after step 3: the loss is NaN and the gradient's norm NaN; the first tensor that is not finite is "score"; .*; start a new/,
  });
  assert.deepEqual(runs.metrics("diverged").map(({ step }) => step), [1, 2]);
  assert.equal(latestCheckpoint(`${runs.folder}/diverged`), null);
});
