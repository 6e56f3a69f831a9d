import assert from "node:assert/strict";
import { DataError } from "../../lib/data/mod.ts";
import { train, type Training } from "../../lib/train/loop.ts";
import type { Figures } from "../../lib/train/metrics.ts";

/** A training that does nothing. */
function idle(): Training {
  return {
    engine: {
      runsAhead: true,
      microBatch: () => ({ read: () => ({ loss: 1, rec: 1 }) }),
      step: () => ({ read: () => ({ norm: 1, finite: true, lossScale: null }) }),
    },
    feed: {
      waited: 0,
      next: () => ({ tensors: {}, place: 0 }),
      done: () => {},
      readAhead: () => {},
      [Symbol.dispose]: () => {},
    },
    lr: () => 1,
    accumulate: 1,
    batch: 1,
    stepsPerEpoch: 100,
    steps: 8,
    done: 0,
    checkpointEvery: 100,
    figures: ["loss", "rec", "align"],
    evaluate: () => ({ valRec: null }),
    save: () => {},
    stopped: () => false,
  };
}

/** Trains 3 steps an epoch on nothing, and tells all that happens in its order. */
function trained(
  options: Partial<Training> & { runsAhead?: boolean; bad?: number; fails?: number },
) {
  const { runsAhead = false, bad = -1, fails = -1, ...rest } = options;
  const told: string[] = [];
  let batches = 0;
  let steps = options.done ?? 0;
  const nothing = idle();
  const training: Training = {
    ...nothing,
    stepsPerEpoch: 3,
    steps: 5,
    lr: (done) => done,
    save: (done) => void told.push(`save ${done}`),
    ...rest,
    engine: {
      runsAhead,
      microBatch: () => {
        const loss = ++batches;
        return { read: () => ({ loss, rec: loss }) };
      },
      step: (lr) => {
        const step = ++steps;
        told.push(`launch ${step}`);
        return {
          read: () => {
            told.push(`read ${step}`);
            return { norm: lr, finite: step !== bad, lossScale: null };
          },
        };
      },
    },
    feed: {
      ...nothing.feed,
      next: () => {
        if (steps + 1 === fails) throw new DataError(`Cannot read step ${fails}`);
        return { tensors: {}, place: 0 };
      },
      readAhead: () => void told.push("ahead"),
    },
  };
  const run = () =>
    train(training, {
      step: ({ step, lr, gradNorm, ...rest }) => {
        const { loss, align } = rest as unknown as Figures;
        assert.equal(align, null, "the graph has no such scalar");
        assert.deepEqual([lr, gradNorm], [step - 1, step - 1]);
        assert.equal(loss, step - (options.done ?? 0));
        told.push(`step ${step}`);
      },
      epoch: ({ step, epoch }) => void told.push(`epoch ${epoch} at ${step}`),
    });
  return { run, told };
}

Deno.test("train() tells of each step at once on the host", () => {
  const { run, told } = trained({ steps: 2, stepsPerEpoch: 2 });
  assert.equal(run(), 2);
  assert.deepEqual(told, [
    ...["launch 1", "ahead", "read 1", "step 1"],
    ...["launch 2", "ahead", "read 2", "step 2", "epoch 0 at 2", "save 2"],
  ]);
});

Deno.test("train() reads a step when the next one is on its way, on a device that runs ahead", () => {
  const { run, told } = trained({ runsAhead: true });
  assert.equal(run(), 5);
  assert.deepEqual(told, [
    ...["launch 1", "ahead"],
    ...["launch 2", "ahead", "read 1", "step 1"],
    ...["launch 3", "ahead", "read 2", "step 2", "read 3", "step 3", "epoch 0 at 3"],
    ...["launch 4", "ahead"],
    ...["launch 5", "ahead", "read 4", "step 4", "read 5", "step 5", "epoch 1 at 5", "save 5"],
  ]);
});

Deno.test("train() reads everything before a checkpoint, and before it stops", () => {
  let stop = false;
  const { run, told } = trained({
    runsAhead: true,
    stepsPerEpoch: 100,
    steps: 100,
    done: 10,
    checkpointEvery: 12,
    stopped: () => stop,
    lr: (done) => (stop = done === 13, done),
  });
  assert.equal(run(), 14);
  assert.deepEqual(told.filter((text) => text !== "ahead"), [
    ...["launch 11", "launch 12", "read 11", "step 11", "read 12", "step 12", "save 12"],
    ...["launch 13", "launch 14", "read 13", "step 13", "read 14", "step 14", "save 14"],
  ]);
});

Deno.test("train() names the step that was not finite, and saves nothing after it", () => {
  for (const runsAhead of [false, true]) {
    const { run, told } = trained({ runsAhead, bad: 2, checkpointEvery: 3 });
    assert.throws(run, {
      name: "DivergedError",
      message: /^Cannot go on after step 2: the loss is 2 and the gradient's norm 1; start a new/,
    });
    assert.ok(!told.some((text) => text.startsWith("save") || text === "step 2"));
    assert.equal(told.includes("launch 3"), runsAhead);
  }
});

Deno.test("train() tells of the step before one whose data cannot be read", () => {
  for (const runsAhead of [false, true]) {
    const { run, told } = trained({ runsAhead, fails: 3 });
    assert.throws(run, new DataError("Cannot read step 3"));
    assert.deepEqual(told.filter((text) => text.startsWith("step")), ["step 1", "step 2"]);
  }
  const { run } = trained({ runsAhead: true, fails: 3, bad: 2 });
  assert.throws(run, { name: "DivergedError", message: /after step 2/ });
});

Deno.test("train() counts a step's time from when the device came to it", () => {
  let waited = 0;
  const rates: number[] = [];
  const waits: number[] = [];
  const wait = (seconds: number) => {
    const until = performance.now() + seconds * 1000;
    while (performance.now() < until);
  };
  const { feed, engine, ...rest } = idle();
  const training: Training = {
    ...rest,
    engine: {
      ...engine,
      // Launching takes no time, and being done 10 ms
      step: () => ({
        read: () => {
          wait(0.01);
          return { norm: 1, finite: true, lossScale: null };
        },
      }),
    },
    feed: {
      ...feed,
      get waited() {
        return waited;
      },
      readAhead: () => {
        wait(0.005);
        waited += 0.005;
      },
    },
  };
  train(training, {
    step: ({ imagesPerSecond, dataWait }) => {
      rates.push(imagesPerSecond);
      waits.push(dataWait);
    },
    epoch: () => {},
  });
  // 15 ms a step, give or take what the machine does meanwhile
  assert.ok(rates.slice(1, -1).every((rate) => rate > 5 && rate < 1 / 0.0149), `${rates}`);
  assert.ok(waits.slice(0, -1).every((share) => share > 0.02 && share <= 1), `${waits}`);
  assert.equal(waits.at(-1), 0, "nothing is fetched after the last step");
});
