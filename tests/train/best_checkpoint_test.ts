import assert from "node:assert/strict";
import { latestCheckpoint, loadCheckpoint, type StoredTensor } from "../../lib/checkpoint/mod.ts";
import { BEST, BestCheckpoint } from "../../lib/train/best_checkpoint.ts";
import type { EpochOf, Figures } from "../../lib/train/metrics.ts";
import { inFolder } from "../_folder.ts";

/** A model of one number. */
function model(value: number): ReadonlyMap<string, StoredTensor> {
  const data = new Uint8Array(Float32Array.of(value).buffer);
  return new Map([["x", { dtype: "float32", shape: [1], data }]]);
}

const epoch = (step: number, top1: number | null): EpochOf<Figures> => ({ step, epoch: 0, top1 });

/** Offers evaluations one after the other; the model is the step's number. */
function offered(run: string, epochs: readonly EpochOf<Figures>[], before: typeof epochs = []) {
  let step = 0;
  const kind = { figure: ({ top1 }: Figures) => top1 ?? null, model: () => model(step) };
  const best = new BestCheckpoint(run, kind, { step: null, epochs: before });
  for (const one of epochs) {
    step = one.step;
    best.offer(one);
  }
  return best;
}

const steps = (run: string) =>
  [...Deno.readDirSync(`${run}/${BEST}/checkpoints`)].map(({ name }) => name);

Deno.test("BestCheckpoint keeps the model of the best evaluation alone", () => {
  inFolder((run) => {
    const found = offered(run, [epoch(10, 0.2), epoch(20, 0.5), epoch(30, 0.4), epoch(40, null)]);
    assert.deepEqual(found.best, { step: 20, figure: 0.5 });
    assert.deepEqual(steps(run), ["step-00000020"]);
    const loaded = found.load()!;
    assert.equal(loaded.step, 20);
    assert.deepEqual(loaded.model.get("x")!.data, model(20).get("x")!.data);
    const { position } = loadCheckpoint(latestCheckpoint(`${run}/${BEST}`)!.path);
    assert.equal(position.figure, 0.5);
  });
});

Deno.test("BestCheckpoint knows what a run that goes on came to before", () => {
  inFolder((run) => {
    const before = [epoch(10, 0.2), epoch(20, 0.5)];
    offered(run, before);
    const found = offered(run, [epoch(30, 0.4)], before);
    assert.deepEqual(found.best, { step: 20, figure: 0.5 });
    assert.deepEqual(steps(run), ["step-00000020"]);
    offered(run, [epoch(40, 0.6)], before);
    assert.deepEqual(steps(run), ["step-00000040"]);
  });
});

Deno.test("BestCheckpoint has nothing before the first evaluation, nor of one without a figure", () => {
  inFolder((run) => {
    const found = offered(run, [epoch(10, null)]);
    assert.deepEqual([found.best, found.load()], [null, null]);
  });
});
