import assert from "node:assert/strict";
import { warmupCosine } from "../../lib/optim/mod.ts";
import { assertClose } from "../_assert.ts";

/** `util/lr_sched.py` of MAE; its unit is an epoch, with fractions. */
function literalMae(
  epoch: number,
  args: { lr: number; minLr: number; epochs: number; warmupEpochs: number },
): number {
  if (epoch < args.warmupEpochs) return args.lr * epoch / args.warmupEpochs;
  const angle = Math.PI * (epoch - args.warmupEpochs) / (args.epochs - args.warmupEpochs);
  return args.minLr + (args.lr - args.minLr) * 0.5 * (1 + Math.cos(angle));
}

Deno.test("warmupCosine() is MAE's schedule, step for step", () => {
  const [stepsPerEpoch, epochs, warmupEpochs] = [7, 20, 3];
  const schedule = {
    steps: epochs * stepsPerEpoch,
    warmupSteps: warmupEpochs * stepsPerEpoch,
    lr: 0.3,
    minLr: 0.01,
  };
  const steps = Array.from({ length: schedule.steps + 1 }, (_, done) => done);
  assertClose(
    steps.map((done) => warmupCosine(schedule, done)),
    steps.map((done) => literalMae(done / stepsPerEpoch, { ...schedule, epochs, warmupEpochs })),
    1e-14,
  );
});

Deno.test("warmupCosine() rises from 0 to the peak, then falls to the least rate", () => {
  const schedule = { steps: 50, warmupSteps: 10, lr: 2, minLr: 0.5 };
  const rates = Array.from({ length: 51 }, (_, done) => warmupCosine(schedule, done));
  assert.equal(rates[0], 0);
  assert.equal(rates[10], 2);
  assert.equal(rates[30], 1.25);
  assertClose([rates[50]!], [0.5], 1e-15);
  for (let done = 1; done <= 50; done++) {
    const rises = rates[done]! > rates[done - 1]!;
    assert.equal(rises, done <= 10, `step ${done}`);
  }
});

Deno.test("warmupCosine() starts at the peak without a warm-up", () => {
  const schedule = { steps: 4, warmupSteps: 0, lr: 1, minLr: 0 };
  assert.equal(warmupCosine(schedule, 0), 1);
  assertClose([warmupCosine(schedule, 2)], [0.5], 1e-15);
});
