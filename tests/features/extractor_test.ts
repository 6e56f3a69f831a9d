/** Features of a whole split, through the loader and the device. */
import assert from "node:assert/strict";
import { evaluationCrop, openLoader } from "../../lib/data/mod.ts";
import { FeatureExtractor, type FeatureKind, randomEncoder } from "../../lib/features/mod.ts";
import {
  type DeviceContext,
  Environment,
  openFakeContext,
  openHostContext,
} from "../../lib/runtime/mod.ts";
import { openFeed } from "../../lib/train/mod.ts";
import { assertClose } from "../_assert.ts";
import { drawDataset } from "../_drawn.ts";

const CONFIG = { imageSize: 6, patch: 3, width: 8, depth: 2, heads: 2, mlpRatio: 2 };
const KIND: FeatureKind = { pool: "cls", layers: "all" };
const COUNT = 11;

let folder = "";
Deno.test.beforeAll(async () => {
  folder = Deno.makeTempDirSync();
  await drawDataset(`${folder}/data`, { splits: { train: { red: 6, blue: 5 } } });
});
Deno.test.afterAll(() => Deno.removeSync(folder, { recursive: true }));

/** Features of the split in batches of `batch`, on the device that `open` opens. */
async function extract(
  batch: number,
  open: (environment: Environment) => DeviceContext = openHostContext,
  stopped?: () => boolean,
): Promise<{ values: Float32Array; firsts: number[]; done: number }> {
  using loader = await openLoader({
    dataset: `${folder}/data`,
    split: "train",
    batch,
    fill: true,
    shuffle: false,
    seed: 0,
    tokens: 0,
    crop: evaluationCrop(CONFIG.imageSize, 8),
  });
  using environment = Environment.open();
  using context = open(environment);
  using extractor = new FeatureExtractor(context, {
    encoder: randomEncoder(CONFIG, 3),
    kind: KIND,
    batch,
    storedSize: 8,
    session: { threads: 1 },
  });
  using feed = openFeed(context, loader, { microBatches: loader.microBatchesPerEpoch });
  const values = new Float32Array(COUNT * extractor.width);
  const firsts: number[] = [];
  const done = extractor.extract(feed, {
    count: COUNT,
    each: (batchValues, first) => {
      firsts.push(first);
      values.set(batchValues, first * extractor.width);
    },
    ...stopped ? { stopped } : {},
  });
  context.synchronize();
  return { values, firsts, done };
}

Deno.test("FeatureExtractor takes every image once, the incomplete last batch included", async () => {
  const one = await extract(1);
  assert.equal(one.done, COUNT);
  assert.equal(new Set(one.values).size > COUNT, true, "images differ");
  for (const batch of [4, 11, 16]) {
    const { values, firsts, done } = await extract(batch);
    assert.equal(done, COUNT);
    assert.deepEqual(firsts, Array.from({ length: Math.ceil(COUNT / batch) }, (_, i) => i * batch));
    assertClose(values, one.values, 1e-5);
  }
});

Deno.test("FeatureExtractor gives the same bytes on a device that runs ahead", async () => {
  const host = await extract(4);
  for (const copies of ["late", "early"] as const) {
    const device = await extract(4, (environment) => openFakeContext(environment, { copies }));
    assert.deepEqual(device, host);
  }
});

Deno.test("FeatureExtractor ends early where it is asked to", async () => {
  let batches = 0;
  const { done, firsts } = await extract(4, openHostContext, () => ++batches > 2);
  assert.deepEqual([done, firsts], [8, [0, 4]]);
});
