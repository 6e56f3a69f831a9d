import assert from "node:assert/strict";
import { input } from "../../lib/graph/mod.ts";
import { adamw, biasCorrections } from "../../lib/optim/mod.ts";
import { assertClose } from "../_assert.ts";
import { type Numbers, open } from "../_run.ts";
import { literalAdamW, type LiteralState } from "./_literal.ts";

const OPTIONS = { betas: [0.9, 0.95], epsilon: 1e-8 } as const;
const LENGTH = 5;

type Output = "parameter" | "first" | "second";

/** Runs one step on a state. */
interface Stepper extends Disposable {
  step(
    state: Readonly<Record<Output, Numbers>>,
    gradient: Numbers,
    given?: Given,
  ): Record<Output, number[]>;
}

/** A step of `LENGTH` elements with its bias corrections in one graph; float64 unless said. */
function openStep(dtype: "float32" | "float64" = "float64"): Stepper {
  const vector = (name: string) => input(name, dtype, [LENGTH]);
  const one = (name: string) => input(name, dtype, [1]);
  const state = adamw(
    { parameter: vector("parameter"), first: vector("first"), second: vector("second") },
    vector("gradient"),
    {
      lr: one("lr"),
      scale: one("scale"),
      finite: one("finite"),
      ...biasCorrections(one("steps"), OPTIONS.betas),
    },
    { ...OPTIONS, weightDecay: one("weightDecay") },
  );
  const runner = open({
    "parameter after": state.parameter,
    "first after": state.first,
    "second after": state.second,
  });
  return {
    step(before, gradient, given = {}) {
      const scalars = { lr: 0.01, scale: 1, finite: 1, steps: 1, weightDecay: 0, ...given };
      const ones = Object.entries(scalars).map(([name, value]) => [name, [value]]);
      const after = runner.run({ ...before, gradient, ...Object.fromEntries(ones) });
      return {
        parameter: after["parameter after"],
        first: after["first after"],
        second: after["second after"],
      };
    },
    [Symbol.dispose]: () => runner[Symbol.dispose](),
  };
}

interface Given {
  readonly lr?: number;
  readonly scale?: number;
  readonly finite?: number;
  readonly steps?: number;
  readonly weightDecay?: number;
}

const START: LiteralState = {
  parameter: [1, -2, 0.5, 0, 3e-3],
  first: [0, 0, 0, 0, 0],
  second: [0, 0, 0, 0, 0],
};
const gradientOf = (t: number) =>
  Array.from({ length: LENGTH }, (_, i) => Math.sin(3 * t + i) * 10 ** (i - 3));

for (const weightDecay of [0, 0.3]) {
  Deno.test(`adamw() takes the steps of the literal loop with weight decay ${weightDecay}`, () => {
    using runner = openStep();
    const literal = structuredClone(START);
    let found: Record<Output, Numbers> = { ...START };
    for (let t = 1; t <= 6; t++) {
      const lr = 0.02 / t;
      literalAdamW(literal, gradientOf(t), t, { ...OPTIONS, lr, weightDecay });
      found = runner.step(found, gradientOf(t), { lr, steps: t, weightDecay });
      for (const name of ["parameter", "first", "second"] as const) {
        assertClose(found[name], literal[name], 1e-13, `${name} after step ${t}`);
      }
    }
  });
}

Deno.test("adamw() decays by the learning rate, beside the step", () => {
  using runner = openStep();
  const zeros = [0, 0, 0, 0, 0];
  const { parameter } = runner.step(START, zeros, { lr: 0.1, weightDecay: 0.5 });
  assertClose(parameter, START.parameter.map((p) => p * 0.95), 1e-15);
});

Deno.test("adamw() multiplies the gradient by the scale", () => {
  using runner = openStep();
  const whole = runner.step(START, gradientOf(1), { scale: 0.25 });
  const part = runner.step(START, gradientOf(1).map((g) => g / 4));
  assert.deepEqual(whole, part);
});

Deno.test("adamw() keeps the state at a step that does not count, whatever the gradient", () => {
  using runner = openStep("float32");
  const before = {
    parameter: [1, -2, 0.5, 0, 3e-38],
    first: [0.5, -0.25, 1e-30, 0, 1e30],
    second: [4, 0, 1e-38, 1, 1e38],
  };
  const expected = Object.fromEntries(
    Object.entries(before).map(([name, x]) => [name, Array.from(Float32Array.from(x))]),
  );
  const bad = [NaN, Infinity, -Infinity, 3e38, 1];
  for (const scale of [1, NaN, 0, Infinity]) {
    for (const steps of [0, 1, 1000]) {
      const given = { finite: 0, scale, steps, lr: 0.1, weightDecay: 0.5 };
      const after = runner.step(before, bad, given);
      // Numerically: -0 for 0 is fine
      assert.deepEqual(
        Object.fromEntries(Object.entries(after).map(([name, x]) => [name, x.map((e) => e + 0)])),
        expected,
        `scale ${scale}, ${steps} steps`,
      );
    }
  }
});

Deno.test("adamw() starts from a first good step as if the bad ones before it had not been", () => {
  using runner = openStep("float32");
  const bad = runner.step(START, [NaN, 1, 1, 1, Infinity], { finite: 0, steps: 0, scale: NaN });
  const late = runner.step(bad, gradientOf(1), { weightDecay: 0.1 });
  const first = runner.step(START, gradientOf(1), { weightDecay: 0.1 });
  assert.deepEqual(late, first);
});

Deno.test("adamw() moves a whole learning rate at its first step, whatever the gradient's size", () => {
  using runner = openStep("float32");
  const { parameter } = runner.step(START, [1e-3, -1e-3, 1e9, -1e9, 1], { lr: 0.01 });
  const moved = parameter.map((p, i) => p - Math.fround(START.parameter[i]!));
  assertClose(moved, [-0.01, 0.01, -0.01, 0.01, -0.01], 2e-7);
});

Deno.test("biasCorrections() are 1 - beta^steps, and of one step at zero steps", () => {
  const betas = [0.9, 0.999] as const;
  // In float32 the difference from 1 costs digits: 6e-8 of 1e-3 at the first step of beta 0.999
  for (const [dtype, tolerance] of [["float64", 1e-12], ["float32", 1e-4]] as const) {
    const steps = input("steps", dtype, [1]);
    using runner = open(biasCorrections(steps, betas));
    for (const t of [1, 2, 10, 1000, 1_000_000]) {
      const { firstCorrection, secondCorrection } = runner.run({ steps: [t] });
      assertClose([firstCorrection[0]! / (1 - 0.9 ** t)], [1], tolerance, `first, ${t} ${dtype}`);
      assertClose(
        [secondCorrection[0]! / (1 - 0.999 ** t)],
        [1],
        tolerance,
        `second, ${t} ${dtype}`,
      );
    }
    const zero = runner.run({ steps: [0] });
    assertClose(zero.firstCorrection, [1 - 0.9], 1e-7);
    assertClose(zero.secondCorrection, [1 - 0.999], 1e-7);
  }
});
