import assert from "node:assert/strict";
import { pretrainingBuffers, pretrainingParameters } from "../../lib/ccmim/mod.ts";
import { Environment, openFakeContext, openHostContext } from "../../lib/runtime/mod.ts";
import { openLoader } from "../../lib/data/mod.ts";
import { openHeldOut } from "../../lib/train/held_out.ts";
import { groupByDecay } from "../../lib/train/layout.ts";
import { TrainingState } from "../../lib/train/state.ts";
import { patchCount } from "../../lib/vit/mod.ts";
import { type DatasetSizes, writeDataset } from "./_dataset.ts";
import { MICRO } from "../_models.ts";

/** What an evaluation on a dataset of such sizes comes to. */
async function heldOut(sizes: DatasetSizes, { config = MICRO, open = openHostContext } = {}) {
  const folder = Deno.makeTempDirSync();
  try {
    const dataset = `${folder}/data`;
    writeDataset(dataset, sizes);
    using environment = Environment.open();
    using context = open(environment);
    using state = new TrainingState(context, {
      parameters: pretrainingParameters(config),
      buffers: pretrainingBuffers(config),
      optimiser: "adamw",
      groupOf: groupByDecay(0),
      scalars: ["loss"],
      chunk: 65536,
      accumulates: false,
    });
    state.initialise(1);
    const isHeldOut = sizes.val >= 4;
    using loader = await openLoader({
      dataset,
      split: isHeldOut ? "val" : "train",
      batch: 4,
      seed: 3,
      tokens: patchCount(config.model),
      crop: null,
      shuffle: false,
    });
    using held = openHeldOut({
      context,
      session: { threads: 1 },
      state,
      config,
      sizes: { batch: 4, storedSize: sizes.size, crop: true },
      loader,
      isHeldOut,
    });
    const passes = [held.evaluate(), held.evaluate()];
    state.initialise(2);
    return { meanLevel: held.meanLevel, passes, other: held.evaluate() };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("openHeldOut() evaluates the same images in the same way every time", async () => {
  const { meanLevel, passes: [first, second], other } = await heldOut({
    size: 8,
    train: 8,
    val: 10,
  });
  assert.ok(Number.isFinite(first) && first! > 0);
  assert.equal(second, first);
  assert.notEqual(other, first);
  // Normalised targets have mean 0 and, with the unbiased variance, a mean square of 11/12
  assert.ok(Math.abs(meanLevel - 11 / 12) < 1e-3, `mean level ${meanLevel}`);
});

Deno.test("openHeldOut() has a mean level but no loss where less than a batch is held out", async () => {
  for (const val of [0, 3]) {
    const { meanLevel, passes, other } = await heldOut({ size: 8, train: 8, val });
    assert.ok(Math.abs(meanLevel - 11 / 12) < 1e-3);
    assert.deepEqual([...passes, other], [null, null, null]);
  }
});

Deno.test("openHeldOut() crops stored images that are larger, and runs every sampling and device", async () => {
  const sizes = { size: 11, train: 8, val: 4 };
  const { passes: [rec] } = await heldOut(sizes);
  const { passes: [device] } = await heldOut(sizes, { open: openFakeContext });
  assert.equal(device, rec);
  for (const sampling of ["topk", "gumbel", "random"] as const) {
    const config = { ...MICRO, masking: { ...MICRO.masking, sampling } };
    const { passes: [other] } = await heldOut(sizes, { config });
    assert.ok(Number.isFinite(other));
  }
});

Deno.test("openHeldOut() measures the mean level of raw pixels as their variance", async () => {
  const config = { ...MICRO, normPixLoss: false };
  const { meanLevel, passes: [rec] } = await heldOut({ size: 8, train: 8, val: 8 }, { config });
  // Pixels of 0 to 250, spread evenly, normalised by deviations of about 0.225
  const variance = 250 ** 2 / 12 / (255 * 0.225) ** 2;
  assert.ok(Math.abs(meanLevel / variance - 1) < 0.1, `${meanLevel}, about ${variance}`);
  assert.ok(rec! > meanLevel, "an untrained model is worse");
});
