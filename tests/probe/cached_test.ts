import assert from "node:assert/strict";
import { trainOnFeatures } from "../../lib/probe/cached.ts";
import {
  type DeviceContext,
  Environment,
  openFakeContext,
  openHostContext,
} from "../../lib/runtime/mod.ts";
import { drawRows } from "./_rows.ts";

const SHAPE = { width: 6, classes: 3, apart: 6 };
const OPTIONS = {
  classes: 3,
  optimiser: { kind: "lars", momentum: 0.9, trust: 0.001 },
  weightDecay: 0,
  epochs: 30,
  warmupEpochs: 2,
  batch: 16,
  seed: 1,
  session: { threads: 1 },
} as const;

function run(
  options: Partial<Parameters<typeof trainOnFeatures>[3]> & { lrs: readonly number[] },
  open: (environment: Environment) => DeviceContext = openHostContext,
) {
  using environment = Environment.open();
  using context = open(environment);
  const rows = drawRows(70, { ...SHAPE, seed: 1 });
  return trainOnFeatures(context, rows, drawRows(50, { ...SHAPE, seed: 2 }), {
    ...OPTIONS,
    ...options,
  });
}

Deno.test("trainOnFeatures() trains each head as it would be trained alone", () => {
  const lrs = [0.3, 3, 10];
  const together = run({ lrs })!;
  assert.deepEqual(together.map(({ lr }) => lr), lrs);
  for (const [i, lr] of lrs.entries()) {
    const [alone] = run({ lrs: [lr] })!;
    // Rounding differs: an image at the border may change sides
    const apart = Math.abs(alone!.metrics.top1 - together[i]!.metrics.top1);
    assert.ok(apart < 0.03, `lr ${lr}: ${alone!.metrics.top1}, ${together[i]!.metrics.top1}`);
  }
  const top1 = together.map(({ metrics }) => metrics.top1);
  assert.ok(top1[2]! > 0.7 && top1[0]! < top1[2]!, `${top1}`);
  assert.equal(together[0]!.metrics.images, 50);
});

Deno.test("trainOnFeatures() comes to the same on a device that runs ahead", () => {
  const lrs = [1, 3];
  assert.deepEqual(run({ lrs }, openFakeContext), run({ lrs }));
});

Deno.test("trainOnFeatures() trains with AdamW as well", () => {
  const optimiser = { kind: "adamw", betas: [0.9, 0.999], eps: 1e-8 } as const;
  const [only] = run({ lrs: [0.03], optimiser })!;
  assert.ok(only!.metrics.top1 > 0.75, `${only!.metrics.top1}`);
});

Deno.test("trainOnFeatures() leaves out the learning rates that diverge", () => {
  const found = run({ lrs: [1, 1e30] })!;
  assert.deepEqual(found.map(({ lr }) => lr), [1]);
  assert.throws(() => run({ lrs: [1e30] }), { name: "DivergedError" });
});

Deno.test("trainOnFeatures() takes all rows at once where there are fewer than a batch, and stops", () => {
  const steps: number[] = [];
  const [only] = run({ lrs: [1], batch: 1000, progress: (done) => steps.push(done) })!;
  assert.equal(steps.at(-1), 30);
  assert.equal(only!.metrics.images, 50);
  let asked = 0;
  assert.equal(run({ lrs: [1], stopped: () => ++asked > 3 }), null);
});
