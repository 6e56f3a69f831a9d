import assert from "node:assert/strict";
import { DataError } from "../../lib/data/mod.ts";
import type { EpochMetrics, StepMetrics } from "../../lib/train/events.ts";
import { METRICS, MetricsFile } from "../../lib/train/metrics_file.ts";
import { inFolder } from "../_folder.ts";

const step = (step: number): StepMetrics => ({
  step,
  epoch: Math.floor((step - 1) / 2),
  rec: 0.5,
  align: null,
  loss: 0.5,
  gradNorm: 1,
  lr: 1e-4,
  imagesPerSecond: 10,
  dataWait: 0,
  memory: 1000,
});
const epoch = (step: number): EpochMetrics => ({ step, epoch: step / 2 - 1, valRec: 0.25 });

const read = (run: string) => Deno.readTextFileSync(`${run}/${METRICS}`);
const stepsIn = (run: string) =>
  read(run).trimEnd().split("\n").map((line) => JSON.parse(line).step);

/** Writes steps `from` to `to`, and the end of an epoch after every second. */
function write(run: string, from: number, to: number): void {
  using file = new MetricsFile(run, from - 1);
  for (let i = from; i <= to; i++) {
    file.write(step(i));
    if (i % 2 === 0) file.write(epoch(i));
  }
}

Deno.test("MetricsFile writes one object a line in snake case, null for what there is not", () => {
  inFolder((run) => {
    write(run, 1, 2);
    assert.deepEqual(read(run).trimEnd().split("\n").map((line) => JSON.parse(line)), [
      {
        step: 1,
        epoch: 0,
        rec: 0.5,
        align: null,
        loss: 0.5,
        grad_norm: 1,
        lr: 1e-4,
        images_per_second: 10,
        data_wait: 0,
        memory: 1000,
      },
      {
        step: 2,
        epoch: 0,
        rec: 0.5,
        align: null,
        loss: 0.5,
        grad_norm: 1,
        lr: 1e-4,
        images_per_second: 10,
        data_wait: 0,
        memory: 1000,
      },
      { step: 2, epoch: 0, val_rec: 0.25 },
    ]);
  });
});

Deno.test("MetricsFile has every line on the disk as soon as it is written", () => {
  inFolder((run) => {
    using file = new MetricsFile(run, 0);
    file.write(step(1));
    assert.deepEqual(stepsIn(run), [1]);
  });
});

Deno.test("MetricsFile cuts off what lies beyond the step it goes on from", () => {
  inFolder((run) => {
    write(run, 1, 7);
    const whole = read(run);
    write(run, 5, 7);
    assert.equal(read(run), whole);
    write(run, 8, 7);
    assert.equal(read(run), whole, "nothing to cut off");
    new MetricsFile(run, 4)[Symbol.dispose]();
    assert.deepEqual(stepsIn(run), [1, 2, 2, 3, 4, 4]);
    new MetricsFile(run, 0)[Symbol.dispose]();
    assert.equal(read(run), "");
  });
});

Deno.test("MetricsFile drops a last line that was cut short", () => {
  inFolder((run) => {
    write(run, 1, 3);
    const whole = read(run);
    Deno.writeTextFileSync(`${run}/${METRICS}`, whole + `{"step":4,"re`);
    write(run, 4, 4);
    assert.deepEqual(stepsIn(run), [1, 2, 2, 3, 4, 4]);
    assert.ok(read(run).startsWith(whole));
  });
});

Deno.test("MetricsFile knows what came before in a run that goes on", () => {
  inFolder((run) => {
    const lastAfter = (steps: number) => {
      using file = new MetricsFile(run, steps);
      return file.history;
    };
    assert.deepEqual(lastAfter(0), { step: null, epochs: [] });
    write(run, 1, 4);
    assert.deepEqual(lastAfter(4), { step: step(4), epochs: [epoch(2), epoch(4)] });
    assert.deepEqual(lastAfter(3), { step: step(3), epochs: [epoch(2)] });
    assert.deepEqual(lastAfter(1), { step: step(1), epochs: [] });
    assert.deepEqual(lastAfter(0), { step: null, epochs: [] });
  });
});

Deno.test("MetricsFile names a line that is damaged, and leaves the file as it is", () => {
  inFolder((run) => {
    write(run, 1, 3);
    const path = `${run}/${METRICS}`;
    const damaged = read(run).replace(`"step":3`, `"step":`);
    Deno.writeTextFileSync(path, damaged);
    assert.throws(
      () => new MetricsFile(run, 3),
      new DataError(`Cannot go on with ${path}: line 4 is damaged; mend or remove the file`),
    );
    assert.equal(read(run), damaged);
  });
});
