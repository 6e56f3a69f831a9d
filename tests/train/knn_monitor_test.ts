import assert from "node:assert/strict";
import { DataError, prepare } from "../../lib/data/mod.ts";
import { CPU_CHUNK, type Environment, openFakeContext } from "../../lib/runtime/mod.ts";
import { ConfigError, type PretrainOptions } from "../../lib/recipes/mod.ts";
import { random } from "../../lib/tensor/mod.ts";
import { pretrain } from "../../lib/train/mod.ts";
import { encodePng } from "../../lib/raster/mod.ts";
import { writeTree } from "../data/_pictures.ts";
import { OPTIONS, Runs } from "./_runs.ts";

const RUN: PretrainOptions = { ...OPTIONS, steps: 6, warmup: { count: 1 } };

/** A noisy picture around a grey. */
function grey(seed: number, level: number): Uint8Array {
  const stream = random({ seed, purpose: "draw" });
  const pixels = Uint8Array.from({ length: 9 * 9 * 3 }, () => level + stream.below(60));
  return encodePng(pixels, { width: 9, height: 9 });
}

/** Writes 24 pictures a class; `levelOf` gives the brightness of picture i of class c. */
async function dataset(folder: string, levelOf: (c: number, i: number) => number): Promise<void> {
  const files = [0, 1].flatMap((c) =>
    Array.from({ length: 24 }, (_, i) => {
      const split = i < 18 ? "train" : "val";
      return [`${split}/class-${c}/${i}.png`, grey(100 * c + i, levelOf(c, i))] as const;
    })
  );
  writeTree(`${folder}-pictures`, Object.fromEntries(files));
  await prepare(`${folder}-pictures`, folder, { workers: 1 });
}

const knnOf = (lines: readonly Record<string, unknown>[]) =>
  lines.filter((line) => "val_rec" in line).map(({ epoch, knn_top1 }) => [epoch, knn_top1]);

Deno.test("pretraining follows nearest neighbours every so many epochs and at the end", async () => {
  using runs = new Runs();
  const { folder } = runs;
  await dataset(`${folder}/told`, (c) => c === 0 ? 20 : 180);
  await dataset(`${folder}/untold`, (_, i) => i % 2 === 0 ? 20 : 180);
  const options = { ...RUN, batch: 7, steps: 12 }; // 5 steps an epoch
  await runs.here("told", options, { data: "told", knnEvery: 2 });
  assert.deepEqual(knnOf(runs.metrics("told")), [[0, undefined], [1, 1], [2, 1]]);
  await runs.here("untold", options, { data: "untold", knnEvery: 1 });
  for (const [, share] of knnOf(runs.metrics("untold"))) {
    assert.ok(Number(share) < 0.9, `${share}`);
  }

  // It changes nothing in what is trained, and goes on as if never interrupted
  await runs.here("unwatched", options, { data: "told" });
  const watched = runs.metrics("told").map(({ knn_top1: _, ...line }) => line);
  assert.deepEqual(watched, runs.metrics("unwatched"));
  await runs.here("resumed", options, { data: "told", knnEvery: 2, after: 7 });
  await runs.here("resumed", {}, { data: "told", knnEvery: 2, resume: true });
  runs.assertSameRun("resumed", "told");

  const openContext = (_: unknown, environment: Environment) =>
    openFakeContext(environment, { chunk: CPU_CHUNK });
  await runs.here("device", options, { data: "untold", knnEvery: 1, openContext });
  runs.assertSameRun("device", "untold");
});

Deno.test("pretraining asks training images about where there is no val split", async () => {
  using runs = new Runs();
  const { folder } = runs;
  await dataset(`${folder}/told`, (c) => c === 0 ? 20 : 180);
  const pictures = `${folder}/told-pictures`;
  Deno.removeSync(`${pictures}/val`, { recursive: true });
  await prepare(pictures, `${folder}/unheld2`, { workers: 1 });
  await runs.here("run", { ...RUN, batch: 7 }, { data: "unheld2", knnEvery: 1 });
  assert.deepEqual(knnOf(runs.metrics("run")).map(([, share]) => share), [1, 1]);
});

Deno.test("pretraining refuses to follow nearest neighbours without labels, or every half epoch", async () => {
  using runs = new Runs();
  const { folder } = runs;
  const files = Array.from({ length: 9 }, (_, i) => [`${i}.png`, grey(i, 9)] as const);
  writeTree(`${folder}/flat`, Object.fromEntries(files));
  await prepare(`${folder}/flat`, `${folder}/unlabelled`, { workers: 1 });
  const request = runs.request("run", RUN, { data: "unlabelled" });
  await assert.rejects(pretrain({ ...request, knnEvery: 1 }), (error) => {
    assert.ok(error instanceof DataError);
    assert.match(error.message, /\(--knn-every\): its train split has too few labelled images/);
    return true;
  });
  await assert.rejects(pretrain({ ...request, knnEvery: 0.5 }), ConfigError);
});
