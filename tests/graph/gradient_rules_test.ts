/**
 * Every op's gradient rule against central differences along random directions.
 *
 * In float64 on ONNX Runtime, but for the ops that its CPU provider runs in float32 only: Erf and Gelu
 * (and MultiHeadAttention, which has no rule). Their rules run in float32 and are compared with differences of the
 * literal interpreter, which computes in float64.
 */
import assert from "node:assert/strict";
import {
  add,
  apply,
  cast,
  constant,
  gradient,
  GRADIENT_RULES,
  input,
  layerNormalization,
  mul,
  type Op,
  part,
  reduceSum,
  reshape,
  stopGradient,
  type Value,
} from "../../lib/graph/mod.ts";
import { DTYPES, random, sizeOf } from "../../lib/tensor/mod.ts";
import { evaluate, type Numbers, open } from "../_run.ts";
import { build, CASES, OPS } from "./_cases.ts";
import { interpret } from "./_interpret.ts";

const FLOAT32_ONLY: ReadonlySet<Op> = new Set<Op>(["Erf", "Gelu"]);

/** The step of a difference. */
const STEP = 2 ** -17;
/** Casts to float32 round to 24 bits: their operands are multiples of 2^-6, so that this step is exact. */
const EXACT_STEP = 2 ** -2;

/** |difference - gradient| over 1 + the sum of the gradient's terms. */
const TOLERANCES = { float64: 1e-9, float32: 2e-6 } as const;

const DIRECTIONS = 3;

/** Ops that have a derivative and no rule: what the refusal says. */
const REFUSED: Readonly<Partial<Record<Op, RegExp>>> = {
  ReduceMax:
    /^Cannot differentiate ReduceMax: it has no gradient rule; pass it through stopGradient/,
  Smallest: /^Cannot differentiate the values of Smallest: it has no gradient rule/,
  MultiHeadAttention:
    /^Cannot differentiate MultiHeadAttention: take the gradient first and fuse\(\)/,
  BiasGelu: /^Cannot differentiate BiasGelu: take the gradient first and fuse\(\)/,
};

/** A part has no rule of its own: the loop hands its cotangent on. */
const hasGradient = (op: Op) => GRADIENT_RULES[op] !== null || op === "Part";

const isFloat = (x: { readonly dtype: Value["dtype"] }) => DTYPES[x.dtype].float;

/** Multiples of 1/8 in [-1, 1). */
function draw(count: number, sample: number): number[] {
  const stream = random({ seed: 2, purpose: "draw", sample });
  return Array.from({ length: count }, () => stream.below(16) / 8 - 1);
}

/** A scalar that depends on every element of `x` in its own way; float64 unless `x` is float32 by choice of the test. */
function weigh(x: Value, dtype: "float32" | "float64"): Value {
  const weights = constant(dtype, x.shape, draw(sizeOf(x.shape), 9));
  const axes = [...x.shape.keys(), x.shape.length];
  return reduceSum(reshape(mul(cast(x, dtype), weights), [...x.shape, 1]), axes);
}

/** A loss that every output of `value` with a gradient is part of. */
function lossOf(value: Value, dtype: "float32" | "float64"): Value {
  if (value.op !== "Split") return weigh(value, dtype);
  return value.outputs.map((_, i) => weigh(part(value, i), dtype)).reduce((a, b) => add(a, b));
}

function check(op: Op): void {
  const dtype = FLOAT32_ONLY.has(op) ? "float32" : "float64";
  const step = op === "Cast" ? EXACT_STEP : STEP;
  const built = CASES[op].map((_, i) => build(op, i, dtype));
  const losses: Record<string, Value> = {};
  const gradients: Record<string, Value> = {};
  built.forEach(({ value, inputs }, i) => {
    const loss = losses[`loss ${i}`] = lossOf(value, dtype);
    gradient(loss, inputs).forEach((dx, j) => {
      const x = inputs[j]!;
      assert.equal(dx !== null, isFloat(x), `gradient of ${x.dtype} operand ${j} of case ${i}`);
      if (dx === null) return;
      assert.deepEqual([dx.dtype, dx.shape], [x.dtype, x.shape], `type of the gradient of ${j}`);
      gradients[`grad ${x.attrs.name}`] = dx;
    });
  });
  assert.ok(Object.keys(gradients).length > 0);

  const elements: Record<string, number[]> = Object.assign({}, ...built.map((b) => b.elements));
  const analytic = evaluate(gradients, elements);
  using runner = open(losses);
  const run = (given: Readonly<Record<string, Numbers>>) =>
    dtype === "float64" ? runner.run(given) : interpret(losses, given);
  const operands = Math.max(...built.map(({ inputs }) => inputs.length));
  for (let j = 0; j < operands; j++) {
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      // Operand j of all cases moves at once
      const moves = new Map(built.flatMap(({ inputs }) => {
        const x = inputs[j];
        if (x === undefined || !isFloat(x)) return [];
        return [[x.attrs.name, draw(sizeOf(x.shape), direction)]];
      }));
      const moved = (by: number) =>
        Object.fromEntries(
          Object.entries(elements).map(([name, x]) => {
            const move = moves.get(name);
            return [name, move ? x.map((e, i) => e + by * move[i]!) : x];
          }),
        );
      const [above, below] = [run(moved(step)), run(moved(-step))];
      built.forEach(({ inputs }, i) => {
        const name = inputs[j]?.attrs.name ?? "";
        const move = moves.get(name);
        if (move === undefined) return;
        const difference = (above[`loss ${i}`]![0]! - below[`loss ${i}`]![0]!) / (2 * step);
        const terms = analytic[`grad ${name}`]!.map((dx, k) => dx * move[k]!);
        const slope = terms.reduce((a, b) => a + b);
        const scale = 1 + terms.reduce((a, b) => a + Math.abs(b), 0);
        assert.ok(
          Math.abs(difference - slope) <= TOLERANCES[dtype] * scale,
          `${op}, case ${i}, operand ${j}: the gradient says ${slope}, differences ${difference} ` +
            `(attributes ${JSON.stringify(built[i]!.value.attrs)})`,
        );
      });
    }
  }
}

/** An op without a gradient hands none to its operands, nor to anything else. */
function checkNone(op: Op): void {
  const other = input("other", "float32", [2]);
  CASES[op].forEach((_, i) => {
    const { value, inputs } = build(op, i, "float32");
    for (let index = 0; index < value.outputs.length; index++) {
      const loss = weigh(index === 0 ? value : part(value, index), "float32");
      const all = gradient(loss, [...inputs, other]);
      assert.deepEqual(all, [...inputs.map(() => null), null], `output ${index} of case ${i}`);
    }
  });
}

/** No gradient flows through a stopped operand, nor from integers; from floats it is refused. */
function checkRefused(op: Op, message: RegExp): void {
  CASES[op].forEach((_, i) => {
    const { value, inputs } = build(op, i, "float32");
    const stopped = apply(op, value.inputs.map(stopGradient) as never, value.attrs);
    assert.deepEqual(gradient(weigh(stopped, "float32"), inputs), inputs.map(() => null));
    value.outputs.forEach((type, index) => {
      const loss = weigh(part(value, index), "float32");
      if (isFloat(type)) {
        assert.throws(() => gradient(loss, inputs), { name: "TypeError", message });
      } else assert.deepEqual(gradient(loss, inputs), inputs.map(() => null));
    });
  });
}

Deno.test("gradient() refuses the statistics of a LayerNormalization", () => {
  const [x, scale, bias] = [[2, 3], [3], [3]].map((shape, i) => input(`${i}`, "float32", shape));
  const normed = layerNormalization(x!, scale!, bias!, 1e-6);
  for (const index of [1, 2]) {
    assert.throws(() => gradient(weigh(part(normed, index), "float32"), [x!]), {
      name: "TypeError",
      message:
        /^Cannot differentiate the statistics of LayerNormalization: it has no gradient rule/,
    });
  }
});

for (const op of OPS) {
  const refusal = REFUSED[op];
  if (refusal) {
    Deno.test(`gradient() refuses ${op}, which has a derivative and no rule`, () => {
      checkRefused(op, refusal);
    });
  } else if (hasGradient(op)) {
    Deno.test(`GRADIENT_RULES.${op} agrees with differences`, () => check(op));
  } else {
    Deno.test(`GRADIENT_RULES has none for ${op}, so none flows`, () => checkNone(op));
  }
}
