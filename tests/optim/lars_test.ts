import assert from "node:assert/strict";
import { input } from "../../lib/graph/mod.ts";
import { lars } from "../../lib/optim/mod.ts";
import { assertClose } from "../_assert.ts";
import { open } from "../_run.ts";
import { literalLars } from "./_literal.ts";

const OPTIONS = { momentum: 0.9, trust: 0.001 };
const LENGTH = 5;

/** What a step is given beside the state. */
interface Given {
  readonly lr?: number;
  readonly scale?: number;
  readonly finite?: number;
  readonly weightDecay?: number;
  readonly adapts?: boolean;
}

interface State {
  readonly parameter: readonly number[];
  readonly momentum: readonly number[];
}

/** One step in float64. */
function step(state: State, gradient: readonly number[], given: Given = {}): State {
  const { adapts = true, ...rest } = given;
  const scalars = { lr: 0.5, scale: 1, finite: 1, weightDecay: 0, ...rest };
  const vector = (name: string) => input(name, "float64", [LENGTH]);
  const one = (name: string) => input(name, "float64", [1]);
  const after = lars(
    { parameter: vector("parameter"), momentum: vector("momentum") },
    vector("gradient"),
    { lr: one("lr"), scale: one("scale"), finite: one("finite") },
    { ...OPTIONS, weightDecay: one("weightDecay"), adapts },
  );
  using runner = open({ p: after.parameter, m: after.momentum });
  const ones = Object.entries(scalars).map(([name, value]) => [name, [value]]);
  const found = runner.run({ ...state, gradient, ...Object.fromEntries(ones) });
  return { parameter: found.p, momentum: found.m };
}

const START: State = { parameter: [1, -2, 0.5, 0, 3], momentum: [0, 0, 0, 0, 0] };
const GRADIENTS = [[0.1, 0.2, -0.3, 0.4, 0.5], [-1, 0, 2, 0.5, -0.1], [3, 1, 1, 1, 1]];

Deno.test("lars() steps as it is written out", () => {
  for (const adapts of [true, false]) {
    for (const weightDecay of [0, 0.1]) {
      const literal = { parameter: [...START.parameter], momentum: [...START.momentum] };
      let found = START;
      for (const [t, gradient] of GRADIENTS.entries()) {
        const lr = 0.5 / (t + 1);
        literalLars(literal, gradient, { ...OPTIONS, lr, weightDecay, adapts });
        found = step(found, gradient, { lr, weightDecay, adapts });
        assertClose(found.parameter, literal.parameter, 1e-12, `parameter, step ${t}`);
        assertClose(found.momentum, literal.momentum, 1e-12, `momentum, step ${t}`);
      }
    }
  }
});

Deno.test("lars() takes steps of the same length whatever the gradient's", () => {
  const [small, large] = [1, 100].map((scale) => step(START, GRADIENTS[0]!, { scale }));
  assertClose(small!.parameter, large!.parameter, 1e-12);
  const plain = [1, 100].map((scale) => step(START, GRADIENTS[0]!, { scale, adapts: false }));
  assert.notDeepEqual(plain[0], plain[1]);
});

Deno.test("lars() does not adapt where a length is zero", () => {
  const zeros = { ...START, parameter: [0, 0, 0, 0, 0] };
  const gradient = GRADIENTS[0]!;
  assert.deepEqual(step(zeros, gradient).momentum, gradient);
  assert.deepEqual(step(START, [0, 0, 0, 0, 0]), START);
});

Deno.test("lars() changes nothing in a step that does not count", () => {
  const before = step(START, GRADIENTS[0]!);
  for (const bad of [NaN, Infinity]) {
    const gradient = [0.1, bad, 0.1, 0.1, 0.1];
    for (const adapts of [true, false]) {
      const given = { finite: 0, scale: NaN, weightDecay: 0.1, adapts };
      assert.deepEqual(step(before, gradient, given), before);
    }
  }
});
