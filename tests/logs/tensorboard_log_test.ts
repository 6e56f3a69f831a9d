import assert from "node:assert/strict";
import sharp from "sharp";
import { openLogs, openScalarLogs, tellAll, TENSORBOARD } from "../../lib/logs/mod.ts";
import type { PretrainObserver } from "../../lib/train/mod.ts";
import { configurationTable } from "../../lib/logs/configuration_table.ts";
import { readEvents } from "../tensorboard/_events.ts";
import { OPTIONS, Runs, STEPS } from "../train/_runs.ts";

const TAGS = new Set(
  ["configuration", "train", "optimiser", "speed", "progress", "val", "reconstructions"],
);

function eventsOf(run: string) {
  const folder = `${run}/${TENSORBOARD}`;
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return names.map((name) => readEvents(Deno.readFileSync(`${folder}/${name}`)));
}

Deno.test("openLogs() tells TensorBoard of a run: scalars, configuration, a picture a checkpoint", async () => {
  using runs = new Runs();
  const { data, out } = runs.request("run");
  const warnings: string[] = [];
  const warning = (text: string) => void warnings.push(text);
  {
    await using log = openLogs(["tensorboard"], { data, out, warning });
    await runs.here("run", OPTIONS, { observer: log.observer, knnEvery: 1 });
  }
  assert.deepEqual(warnings, []);
  const [{ values, start }] = eventsOf(out) as [ReturnType<typeof readEvents>];
  assert.equal(start, 0);
  const metrics = runs.metrics("run").filter((line) => "lr" in line);
  const of = (tag: string) => values.filter((value) => value.tag === tag);
  assert.deepEqual(of("train/rec").map(({ step }) => step), metrics.map(({ step }) => step));
  assert.deepEqual(of("train/rec").map(({ value }) => value), metrics.map(({ rec }) => rec));
  assert.equal(of("val/rec").length, 3);
  assert.deepEqual(of("val/knn_top1").map(({ value }) => value), [1, 1, 1]); // there is one class
  assert.deepEqual(new Set(values.map(({ tag }) => tag.split("/")[0])), TAGS);
  assert.match(String(of("configuration")[0]!.value), /^\| model.width \| 16 \|$/m);
  const pictures = of("reconstructions");
  assert.deepEqual(pictures.map(({ step }) => step), [4, STEPS]);
  assert.equal((await sharp(pictures[0]!.value as Uint8Array).metadata()).format, "png");

  Deno.removeSync(`${out}/checkpoints/step-00000007`, { recursive: true });
  {
    await using log = openLogs(["tensorboard"], { data, out, warning });
    await runs.here("run", OPTIONS, { resume: true, observer: log.observer });
  }
  const [, again] = eventsOf(out);
  assert.equal(again!.start, 5);
  assert.deepEqual(
    again!.values.filter(({ tag }) => tag === "train/rec").map(({ step }) => step),
    [5, 6, 7],
  );
});

Deno.test("openLogs() warns where it can draw nothing, and goes on", async () => {
  using runs = new Runs();
  const { out } = runs.request("run");
  const warnings: string[] = [];
  {
    const warning = (text: string) => void warnings.push(text);
    await using log = openLogs(["tensorboard"], { data: "/none", out, warning });
    await runs.here("run", OPTIONS, { observer: log.observer });
  }
  assert.equal(warnings.length, 2);
  assert.match(warnings[0]!, /^No picture of step 4 for TensorBoard: Cannot read \/none: /);
  assert.equal(eventsOf(out)[0]!.values.filter(({ tag }) => tag === "train/rec").length, STEPS);
});

Deno.test("openLogs() makes nothing where no log is asked for", async () => {
  await using log = openLogs([], { data: "/none", out: "/none", warning: () => {} });
  assert.ok(log.observer);
});

Deno.test("tellAll() tells every observer, in order", () => {
  const told: string[] = [];
  const observer = tellAll<PretrainObserver>([
    { warning: (text) => told.push(`a ${text}`) },
    {},
    { warning: (text) => told.push(`b ${text}`), epoch: ({ step }) => told.push(`b ${step}`) },
  ]);
  observer.warning?.("x");
  observer.epoch?.({ step: 3, epoch: 0, valRec: null });
  assert.deepEqual(told, ["a x", "b x", "b 3"]);
});

Deno.test("configurationTable() has a row a value, named by its path", () => {
  const table = configurationTable({ a: 1, b: { c: [1, 2], d: { e: null } } });
  assert.deepEqual(table.split("\n").slice(2), ["| a | 1 |", "| b.c | 1, 2 |", "| b.d.e | null |"]);
});

Deno.test("openScalarLogs() tells TensorBoard of a run of another kind: numbers and configuration", async () => {
  const out = await Deno.makeTempDir();
  try {
    {
      using log = openScalarLogs(["tensorboard"], out);
      log.observer.start?.({ config: { pool: "mean" }, step: 2 });
      const step = { step: 3, loss: 0.5, lr: 1e-3 };
      log.observer.step?.(step);
      const epoch = { step: 3, epoch: 0, valTop1: 0.75, valTop5: null };
      log.observer.epoch?.(epoch);
    }
    const [{ values, start }] = eventsOf(out) as [ReturnType<typeof readEvents>];
    assert.equal(start, 3);
    const numbers = values.filter(({ value }) => typeof value === "number");
    assert.deepEqual(numbers.map(({ tag, step, value }) => [tag, step, Math.fround(+value)]), [
      ["train/loss", 3, 0.5],
      ["optimiser/lr", 3, Math.fround(1e-3)],
      ["val/top1", 3, 0.75],
    ]);
    assert.match(
      String(values.find(({ tag }) => tag === "configuration")!.value),
      /\| pool \| mean \|/,
    );
    using none = openScalarLogs([], out);
    assert.deepEqual(none.observer, {});
  } finally {
    await Deno.remove(out, { recursive: true });
  }
});
