import assert from "node:assert/strict";
import type { RunConfig } from "../../lib/recipes/mod.ts";
import { CheckpointWriter } from "../../lib/train/checkpoint_writer.ts";
import { resolveKeeping } from "../../lib/train/keeping.ts";
import { inFolder } from "../_folder.ts";

const schedule = { stepsPerEpoch: 30 } as RunConfig["schedule"];
const config = { schedule, checkpointEvery: 15 };

Deno.test("resolveKeeping() keeps what is scheduled and the two newest, writes after 10 minutes", () => {
  assert.deepEqual(resolveKeeping({}, config), {
    minutes: 10,
    retention: { newest: 2, every: 15 },
  });
  const { retention } = resolveKeeping({ keep: 3 }, config);
  assert.deepEqual(retention, { newest: 3, every: null });
  const epochs = resolveKeeping({ keep: 1, keepEvery: { count: 2, unit: "epochs" } }, config);
  assert.deepEqual(epochs.retention, { newest: 1, every: 60 });
  const steps = resolveKeeping({ minutes: null, keepEvery: { count: 7, unit: "steps" } }, config);
  assert.deepEqual(steps, { minutes: null, retention: { newest: 2, every: 7 } });
});

Deno.test("resolveKeeping() refuses what cannot be", () => {
  const refused: readonly [Parameters<typeof resolveKeeping>[0], string][] = [
    [{ minutes: 0 }, "Cannot write a checkpoint every 0 minutes: it must be above 0"],
    [{ keep: 0 }, "Cannot use 0 as --keep: it must be a whole number of at least 1"],
    [{ keepEvery: { count: 3 } }, "Cannot use --keep-every 3: say 3epochs or 3steps"],
    [
      { keepEvery: { count: 0.2, unit: "steps" } },
      "Cannot keep checkpoints by --keep-every: that is less than a step",
    ],
  ];
  for (const [options, message] of refused) {
    assert.throws(() => resolveKeeping(options, config), { name: "ConfigError", message });
  }
});

const content = { model: new Map(), state: new Map(), position: { microBatch: 0 } };

Deno.test(
  "CheckpointWriter knows when a checkpoint is due for the time, and keeps what is to be kept",
  () =>
    inFolder((run) => {
      let minutes = 0;
      const retention = { newest: 2, every: 10 };
      const writer = new CheckpointWriter(
        run,
        null,
        { minutes: 5, retention },
        () => minutes * 60e3,
      );
      assert.equal(writer.last, null);
      const due = [4.9, 5, 6].map((now) => (minutes = now, writer.isDue()));
      assert.deepEqual(due, [false, true, true]);
      for (const step of [3, 10, 13, 17]) {
        assert.equal(writer.write(step, content), writer.last);
        assert.equal(writer.isDue(), false);
      }
      minutes = 11;
      assert.equal(writer.isDue(), true);
      const kept = [...Deno.readDirSync(`${run}/checkpoints`)].map(({ name }) => name).sort();
      assert.deepEqual(kept, ["step-00000010", "step-00000013", "step-00000017"]);
    }),
);

Deno.test(
  "CheckpointWriter writes none for the time and keeps all unless it is said",
  () =>
    inFolder((run) => {
      let now = 0;
      const writer = new CheckpointWriter(run, "before", undefined, () => now);
      assert.equal(writer.last, "before");
      now = 1e12;
      assert.equal(writer.isDue(), false);
      for (const step of [1, 2, 3, 4]) writer.write(step, content);
      assert.equal([...Deno.readDirSync(`${run}/checkpoints`)].length, 4);
    }),
);
