import assert from "node:assert/strict";
import {
  add,
  gelu,
  gradient,
  input,
  is,
  layerNormalization,
  matmul,
  mul,
  neg,
  pad,
  reduceSum,
  reshape,
  slice,
  softmax,
  sqrt,
  topological,
  transpose,
  type Value,
} from "../../lib/graph/mod.ts";
import {
  CUDA_KERNELS,
  LOW_TYPES,
  type LowType,
  mixPrecision,
  roleOf,
} from "../../lib/lower/mod.ts";
import { roundTo } from "../../lib/lower/low_type.ts";
import { evaluate } from "../_run.ts";
import { MICRO } from "../_models.ts";
import { modelGraph } from "./_model.ts";

const isLow = ({ dtype }: Pick<Value, "dtype">) => dtype === "bfloat16" || dtype === "float16";

/** The lowered graph's outputs and all its values. */
function lower(outputs: readonly Value[], weights: readonly Value[], type: LowType = "bfloat16") {
  const lowered = mixPrecision(outputs, { type, weights: new Set(weights) });
  return { outputs: lowered, values: topological(lowered) };
}

/** How many values of each op have each type: `MatMul bfloat16`. */
function census(values: readonly Value[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op, dtype } of values) {
    counts[`${op} ${dtype}`] = 1 + (counts[`${op} ${dtype}`] ?? 0);
  }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a < b ? -1 : 1));
}

const x = input("x", "float32", [2, 3, 4]);
const [w, v] = [input("w", "float32", [4, 4]), input("v", "float32", [4, 4])];
const bias = input("bias", "float32", [4]);
const linear = (x: Value, weight: Value) => matmul(x, weight, { transB: true });

Deno.test("mixPrecision() runs a layer low with its bias and activation, and gives float32", () => {
  const { outputs, values } = lower([gelu(add(linear(x, w), bias))], [w, bias]);
  assert.deepEqual(census(values), {
    "Add bfloat16": 1,
    "Cast bfloat16": 3, // x, w, bias
    "Cast float32": 1,
    "Gelu bfloat16": 1,
    "Input float32": 3,
    "MatMul bfloat16": 1,
  });
  assert.equal(outputs[0]!.dtype, "float32");
});

Deno.test("mixPrecision() leaves a graph without layers as it is", () => {
  const y = input("y", "float32", [2, 4, 3]);
  const loss = reduceSum(softmax(mul(matmul(x, y), 2)), [0, 1, 2]);
  const outputs = [loss, ...gradient(loss, [x, y]).map((dx) => dx!)];
  assert.deepEqual(lower(outputs, []).outputs, outputs);
  assert.ok(lower(outputs, []).outputs.every((value, i) => value === outputs[i]));
});

Deno.test("mixPrecision() keeps the residual stream in float32, and so its cotangent", () => {
  const stream = add(linear(x, w), input("positions", "float32", [3, 4]));
  const after = add(stream, linear(stream, v));
  const loss = reduceSum(mul(after, after), [0, 1, 2]);
  const { values } = lower([loss, gradient(loss, [w])[0]!], [w, v]);
  const sums = values.filter((value) => is(value, "Add"));
  assert.equal(sums.length, 4); // two of the stream, two of its cotangent
  assert.ok(sums.every(({ dtype }) => dtype === "float32"));
});

Deno.test("mixPrecision() adds up the gradient of a weight that is read twice in float32", () => {
  const once = linear(x, w);
  const twice = linear(gelu(once), w);
  const loss = reduceSum(twice, [0, 1, 2]);
  const { outputs: [dw], values } = lower([gradient(loss, [w])[0]!], [w]);
  assert.ok(is(dw!, "Add") && dw.dtype === "float32");
  for (const term of dw.inputs) {
    assert.ok(is(term, "Cast") && is(term.inputs[0], "MatMul") && isLow(term.inputs[0]));
  }
  assert.ok(values.some((value) => is(value, "Gelu") && isLow(value)));
});

Deno.test("mixPrecision() casts a value once, before its layout is changed", () => {
  const kernel = input("kernel", "float32", [4, 2, 2]);
  const weight = reshape(transpose(kernel, [0, 2, 1]), [4, 4]);
  const rows = reshape(x, [6, 4]);
  const outputs = [linear(x, weight), linear(rows, weight), neg(rows)];
  const { values } = lower(outputs, [kernel]);
  const down = values.filter((value) => is(value, "Cast") && isLow(value));
  assert.deepEqual(new Set(down.flatMap(({ inputs }) => inputs)), new Set([x, kernel]));
  assert.equal(down.length, 2);
});

Deno.test("mixPrecision() casts around an op that has no kernel of the low type", () => {
  const y = pad(slice(linear(x, w), 1, 0, 1), 1, 0, 2);
  const padded = (type: LowType) =>
    lower([linear(y, v)], [w, v], type).values.find((z) => is(z, "Pad"));
  assert.equal(padded("bfloat16")!.dtype, "float32");
  assert.equal(padded("float16")!.dtype, "float16");
});

Deno.test("mixPrecision() runs probabilities low only where a product reads them", () => {
  const q = linear(x, w);
  const scores = matmul(q, linear(x, v), { transB: true });
  const type = (outputs: Value[]) =>
    lower(outputs, [w, v]).values.find((value) => is(value, "Softmax"))!.dtype;
  assert.equal(type([matmul(softmax(scores), q)]), "bfloat16");
  assert.equal(type([reduceSum(softmax(scores), [1])]), "float32");
});

Deno.test("mixPrecision() simulates: it computes in float32 and rounds every result", () => {
  const [a, b] = [input("a", "float32", [1, 2]), input("b", "float32", [2, 2])];
  const y = add(matmul(a, b, { transB: true, alpha: 0.3 }), input("c", "float32", [2]));
  const given = { a: [1.01, -2.03], b: [0.77, 1.3, -0.1, 5.5], c: [100.1, 1e-3] };
  for (const type of LOW_TYPES) {
    const round = (z: number) => roundTo(type, Float32Array.of(z))[0]!;
    const weights = new Set<Value>([
      b,
      ...topological([y]).filter((z) => z.shape.length === 1 && is(z, "Input")),
    ]);
    const lowered = mixPrecision([y], { type, simulate: true, weights });
    assert.ok(topological(lowered).every((z) => !isLow(z) || is(z, "Cast")));
    const [a0, a1] = given.a.map(round) as [number, number];
    const expected = [0, 1].map((i) => {
      const sum = a0 * round(given.b[2 * i]!) + a1 * round(given.b[2 * i + 1]!);
      return round(round(Math.fround(round(0.3) * Math.fround(sum))) + round(given.c[i]!));
    });
    assert.deepEqual(evaluate({ y: lowered[0]! }, given).y, expected, type);
  }
});

for (const type of LOW_TYPES) {
  Deno.test(`mixPrecision() puts no ${type} op of a model outside the table of kernels`, () => {
    const { outputs, weights } = modelGraph(MICRO);
    const { values } = lower(outputs, [...weights], type);
    for (const value of values) {
      const types = [value, ...value.inputs].map(({ dtype }) => dtype);
      if (types.includes(type)) assert.ok(CUDA_KERNELS[value.op].includes(type), value.op);
      if (is(value, "Cast") || !types.includes(type)) continue;
      assert.ok(roleOf(value) !== "float32", `${value.op} ${value.shape}`);
      assert.ok(!types.includes("float32"), `${value.op} ${value.shape} mixes types`);
    }
  });

  Deno.test(`mixPrecision() makes no redundant ${type} cast in a model`, () => {
    const { outputs, weights } = modelGraph(MICRO);
    const { values } = lower(outputs, [...weights], type);
    const casts = values.filter((value) => is(value, "Cast"));
    const keys = new Set<Value>();
    for (const { inputs: [source], attrs: { to } } of casts) {
      assert.ok(!is(source, "Constant"), "a constant is rounded when the graph is made");
      if (is(source, "Cast")) assert.ok(source.inputs[0].dtype === "uint8", `${to} of a cast`);
      if (to !== type) continue;
      assert.ok(!keys.has(source), `${source.op} ${source.shape} is cast twice`);
      keys.add(source);
    }
    assert.ok([...weights].filter((weight) => keys.has(weight)).length > 30);
  });
}

Deno.test("mixPrecision() gives every op of a model its type by role", () => {
  const { outputs, weights } = modelGraph(MICRO);
  const { values } = lower(outputs, [...weights]);
  const types = new Map<string, Set<string>>();
  for (const { op, dtype } of values) {
    if (!types.has(op)) types.set(op, new Set());
    if (isLow({ dtype }) || dtype === "float32") types.get(op)!.add(dtype);
  }
  const ops = (wanted: string) =>
    [...types].filter(([, found]) => [...found].sort().join(" ") === wanted).map(([op]) => op)
      .sort();
  assert.deepEqual(ops("bfloat16"), ["BiasGelu", "Erf", "Gelu", "MultiHeadAttention"]);
  assert.deepEqual(ops("bfloat16 float32"), [
    "Add",
    "Cast",
    "Constant",
    "Exp", // of GELU's gradient, and of the contrast's
    "MatMul",
    "Mul",
    "ReduceSum", // of softmax's gradient, and statistics
    "Reshape",
    "Slice",
    "Softmax", // of attention, and of the scores that rank
    "Sub",
    "Transpose",
    "Where",
  ]);
  assert.deepEqual(ops("float32"), [
    "Abs",
    "Concat",
    "Div",
    "Expand",
    "Gather",
    "Input",
    "LayerNormalization",
    "LogSoftmax",
    "Max",
    "Min",
    "Neg",
    "Pad",
    "Part",
    "PermuteRows",
    "Relu",
    "Smallest",
    "Sqrt",
    "StopGradient",
  ]);
});

Deno.test("mixPrecision() multiplies in float32 where no layer takes part", () => {
  const { outputs, weights } = modelGraph(MICRO);
  const { values } = lower(outputs, [...weights]);
  const plain = values.filter((value) => is(value, "MatMul") && !isLow(value));
  const roles = plain.map((value) => {
    const { scope, shape, inputs: [a] } = value;
    if (shape.at(-1) === 1) return "mean of a row";
    if (is(a as Value, "Constant")) return "sum of rows";
    return scope === "" ? "crop" : scope;
  });
  assert.deepEqual(
    [...new Set(roles)].sort(),
    ["alignment", "backward/alignment", "crop", "mean of a row", "sum of rows"],
  );
});

Deno.test("mixPrecision() gives statistics, moments and scores in float32", () => {
  const y = layerNormalization(x, input("s", "float32", [4]), bias, 1e-6);
  const variance = sqrt(reduceSum(linear(y, w), [0, 1]));
  const { values } = lower([variance], [w]);
  for (const op of ["LayerNormalization", "ReduceSum", "Sqrt"]) {
    assert.equal(values.find((value) => value.op === op)!.dtype, "float32", op);
  }
});
