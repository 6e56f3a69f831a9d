import assert from "node:assert/strict";
import {
  add,
  cast,
  constant,
  exp,
  input,
  layerNormalization,
  matmul,
  mul,
  multiHeadAttention,
  part,
  reduceSum,
  scalar,
  slice,
  split,
  stopGradient,
  sub,
  transpose,
  type Value,
} from "../../lib/graph/mod.ts";
import { decode, emit, type Message, OPSET } from "../../lib/onnx/mod.ts";
import { evaluate, openSession } from "../_run.ts";

const x = input("x", "float32", [2, 3]);

function graphOf(outputs: Readonly<Record<string, Value>>): Required<Message<"Graph">> {
  const { graph } = decode("Model", emit(outputs, { name: "test" }));
  return { node: [], initializer: [], input: [], output: [], ...graph } as Required<
    Message<"Graph">
  >;
}

const kinds = (graph: Message<"Graph">) => graph.node!.map(({ opType }) => opType);
const attributes = (node: Message<"Node"> | undefined) =>
  Object.fromEntries(node!.attribute!.map(({ name, type: _, ...value }) => [name, value]));

Deno.test("emit() writes versions, names, types and metadata", () => {
  const model = decode(
    "Model",
    emit({ y: exp(x), ids: cast(x, "int64") }, { name: "graph", metadata: { run: "1", é: "→" } }),
  );
  assert.equal(OPSET, 21);
  assert.equal(model.irVersion, 10);
  assert.equal(model.producerName, "ccmim");
  assert.deepEqual(model.opsetImport, [
    { domain: "", version: 21 },
    { domain: "com.microsoft", version: 1 },
  ]);
  assert.deepEqual(model.metadataProps, [{ key: "run", value: "1" }, { key: "é", value: "→" }]);
  const dim = [{ dimValue: 2 }, { dimValue: 3 }];
  const info = (name: string, elemType: number) => ({
    name,
    type: { tensorType: { elemType, shape: { dim } } },
  });
  assert.equal(model.graph!.name, "graph");
  assert.deepEqual(model.graph!.input, [info("x", 1)]);
  assert.deepEqual(model.graph!.output, [info("y", 1), info("ids", 7)]);
});

Deno.test("emit() writes a scalar's shape, which is no axis and not no shape", () => {
  const graph = graphOf({ y: exp(input("s", "float32", [])) });
  for (const { type } of [...graph.input, ...graph.output]) {
    assert.deepEqual(type!.tensorType!.shape, {});
  }
});

Deno.test("emit() gives a value the name of its output, and every tensor a name of its own", () => {
  const graph = graphOf({ sum: add(exp(x), 1), power: exp(x) });
  const names = graph.node.flatMap(({ output }) => output!);
  assert.deepEqual(names.filter((name) => name === "sum" || name === "power"), ["sum", "power"]);
  assert.equal(new Set(names).size, names.length);
  assert.equal(new Set(graph.node.map(({ name }) => name)).size, graph.node.length);
});

Deno.test("emit() keeps its own names apart from the caller's", () => {
  const names = ["v0", "v1", "c0", "c1"];
  const inputs = names.map((name) => input(name, "float32", [2]));
  const sum = inputs.reduce<Value>((a, b) => add(mul(a, 2), b), scalar(0));
  const outputs = { v2: sum, v3: add(sum, 1), c2: add(sum, 2) };
  const given = { v0: [1, 1], v1: [1, 2], c0: [1, 3], c1: [1, 4] };
  assert.deepEqual(evaluate(outputs, given), { v2: [15, 26], v3: [16, 27], c2: [17, 28] });
});

Deno.test("emit() writes inputs in the order of a walk from the first output", () => {
  const [a, b, c] = ["a", "b", "c"].map((name) => input(name, "float32", [2])) as [
    Value,
    Value,
    Value,
  ];
  const order = (outputs: Record<string, Value>) => graphOf(outputs).input.map(({ name }) => name);
  assert.deepEqual(order({ first: sub(c, a), second: b }), ["c", "a", "b"]);
  assert.deepEqual(order({ second: b, first: sub(c, a) }), ["b", "c", "a"]);
});

Deno.test("emit() says the type of what is neither input nor output", () => {
  const [left, right] = split(exp(x), 1, [1, 2]) as [Value, Value];
  const graph = graphOf({ y: mul(cast(left, "float64"), 2), z: right });
  const known = new Map(graph.valueInfo.map(({ name, type }) => [name, type!.tensorType!]));
  const of = (op: string) => graph.node.find(({ opType }) => opType === op)!.output!;
  const type = (elemType: number, ...dims: number[]) => ({
    elemType,
    shape: { dim: dims.map((dimValue) => ({ dimValue })) },
  });
  assert.deepEqual(known.get(of("Exp")[0]!), type(1, 2, 3));
  assert.deepEqual(of("Split").map((name) => known.get(name)), [type(1, 2, 1), type(1, 2, 2)]);
  assert.deepEqual(known.get(of("Cast")[0]!), type(11, 2, 1));
  assert.deepEqual(known.get("y"), undefined, "an output has its type there");
  assert.equal(known.size, 4);
});

Deno.test("emit() leaves out what no output reaches", () => {
  const y = exp(x);
  mul(y, input("unused", "float32", [2, 3]));
  const graph = graphOf({ y });
  assert.deepEqual(kinds(graph), ["Exp"]);
  assert.deepEqual(graph.input.map(({ name }) => name), ["x"]);
});

Deno.test("emit() computes a shared value once", () => {
  const y = exp(x);
  assert.deepEqual(kinds(graphOf({ z: mul(y, add(y, y)) })), ["Exp", "Add", "Mul"]);
});

Deno.test("emit() stores equal small constants once", () => {
  const graph = graphOf({ y: add(add(add(x, 1), 1), 2), z: slice(slice(x, 1, 1, 3), 0, 1, 2) });
  // 1.0, 2.0, and int64 [1], [3], [0], [2]
  assert.equal(graph.initializer.length, 6);
  const contents = graph.initializer.map(({ dataType, dims, rawData }) =>
    `${dataType} ${dims} ${rawData}`
  );
  assert.equal(new Set(contents).size, 6);
});

Deno.test("emit() stores a shared large constant once, and tells large constants apart", () => {
  const large = (first: number) =>
    constant("float32", [20], Array.from({ length: 20 }, (_, i) => first + i));
  const a = large(1), b = large(2);
  const wide = input("wide", "float32", [20]);
  const y = mul(add(add(wide, a), b), a);
  assert.equal(graphOf({ y }).initializer.length, 2);
  const expected = Array.from({ length: 20 }, (_, i) => (i + 1 + i + 2) * (i + 1));
  assert.deepEqual(evaluate({ y }, { wide: new Array(20).fill(0) }).y, expected);
});

Deno.test("emit() tells constants of equal bytes and other types or shapes apart", () => {
  const zero = input("zero", "float32", [1, 1]);
  const y = add(
    add(add(zero, scalar(0)), constant("float32", [1], [0])),
    cast(
      add(cast(zero, "int32"), scalar(0, "int32")),
      "float32",
    ),
  );
  assert.equal(graphOf({ y }).initializer.length, 3);
  assert.deepEqual(evaluate({ y }, { zero: [5] }).y, [10]);
});

Deno.test("emit() writes the bytes of a constant of every type", () => {
  const outputs = {
    float32: constant("float32", [2], [1.5, -2]),
    float64: constant("float64", [2], [0.1, -2]),
    int64: constant("int64", [2], [2 ** 40, -1]),
    int32: constant("int32", [2], [-7, 7]),
    uint8: constant("uint8", [2], [0, 255]),
    bool: constant("bool", [2], [1, 0]),
  };
  assert.deepEqual(evaluate(outputs), {
    float32: [1.5, -2],
    float64: [0.1, -2],
    int64: [2 ** 40, -1],
    int32: [-7, 7],
    uint8: [0, 255],
    bool: [1, 0],
  });
});

Deno.test("emit() copies outputs that are inputs, constants, parts, stopped or given twice", () => {
  const y = exp(x);
  const [left, right] = split(x, 1, [1, 2]) as [Value, Value];
  const outputs = {
    input: x,
    constant: constant("float32", [2], [1, 2]),
    left,
    right,
    stopped: stopGradient(x),
    once: y,
    again: y,
  };
  const graph = graphOf(outputs);
  assert.deepEqual(graph.output.map(({ name }) => name), Object.keys(outputs));
  assert.equal(kinds(graph).filter((kind) => kind === "Identity").length, 6);
  const values = [1, 2, 3, 4, 5, 6];
  const results = evaluate(outputs, { x: values });
  assert.deepEqual(results.input, values);
  assert.deepEqual(results.constant, [1, 2]);
  assert.deepEqual(results.left, [1, 4]);
  assert.deepEqual(results.right, [2, 3, 5, 6]);
  assert.deepEqual(results.stopped, values);
  assert.deepEqual(results.again, results.once);
});

Deno.test("emit() names the output of an op with several, and copies its other parts", () => {
  const norm = layerNormalization(
    x,
    constant("float32", [3], [1, 1, 1]),
    constant("float32", [3], [0, 0, 0]),
    0.25,
  );
  const outputs = { norm, mean: part(norm, 1), inverse: part(norm, 2), first: part(norm, 0) };
  const graph = graphOf(outputs);
  assert.deepEqual(kinds(graph), ["LayerNormalization", "Identity", "Identity", "Identity"]);
  assert.equal(graph.node[0]!.output![0], "norm");
  const results = evaluate(outputs, { x: [1, 2, 3, 4, 4, 4] });
  assert.deepEqual(results.mean, [2, 4]);
  assert.deepEqual(results.first, results.norm);
});

Deno.test("emit() rejects names that are used twice", () => {
  const rejects = (outputs: Record<string, Value>, name: string) =>
    assert.throws(() => emit(outputs, { name: "graph" }), {
      name: "TypeError",
      message: `Cannot emit the graph "graph": the name "${name}" is used twice`,
    });
  rejects({ y: add(x, input("x", "float32", [2, 3])) }, "x");
  rejects({ x: exp(x) }, "x");
  rejects({ x }, "x");
});

Deno.test("emit() writes attributes with their types, floats also where they are whole", () => {
  const a = input("a", "float32", [2, 3, 4]);
  const b = input("b", "float32", [2, 5, 4]);
  const { node } = graphOf({
    product: matmul(a, b, { transB: true, alpha: 2 }),
    norm: layerNormalization(a, input("s", "float32", [4]), input("t", "float32", [4]), 1),
    turned: transpose(a, [2, 0, 1]),
    whole: cast(a, "int64"),
    sum: reduceSum(a, [0], true),
    attended: multiHeadAttention(a, b, b, { heads: 2, scale: 1 }),
  });
  const named = new Map(node.map((one) => [one.opType, one]));
  assert.deepEqual(attributes(named.get("FusedMatMul")), {
    transA: { i: 0 },
    transB: { i: 1 },
    alpha: { f: 2 },
  });
  assert.deepEqual(attributes(named.get("LayerNormalization")), {
    axis: { i: -1 },
    epsilon: { f: 1 },
  });
  assert.deepEqual(attributes(named.get("Transpose")), { perm: { ints: [2, 0, 1] } });
  assert.deepEqual(attributes(named.get("Cast")), { to: { i: 7 } });
  assert.deepEqual(attributes(named.get("ReduceSum")), { keepdims: { i: 1 } });
  assert.deepEqual(attributes(named.get("MultiHeadAttention")), {
    num_heads: { i: 2 },
    scale: { f: 1 },
  });
  const types = node.flatMap(({ attribute }) => attribute ?? []).map(({ type, ...value }) => {
    return [type, Object.keys(value).filter((key) => key !== "name")[0]];
  });
  const NUMBERS: Record<string, number> = { f: 1, i: 2, s: 3, ints: 7 };
  for (const [type, kind] of types) assert.equal(type, NUMBERS[kind as string]);
});

Deno.test("emit() puts ONNX Runtime's own ops into its domain, and no other", () => {
  const a = input("a", "float32", [2, 3, 4]);
  const { node } = graphOf({
    product: matmul(a, a, { transB: true }),
    plain: matmul(a, input("b", "float32", [4, 4])),
    attended: multiHeadAttention(a, a, a, { heads: 2, scale: 1 }),
  });
  assert.deepEqual(node.map(({ opType, domain }) => [opType, domain]), [
    ["FusedMatMul", "com.microsoft"],
    ["MatMul", ""],
    ["MultiHeadAttention", "com.microsoft"],
  ]);
});

Deno.test("emit() writes the same bytes for the same graph", () => {
  const make = () => emit({ y: add(exp(input("x", "float32", [2])), 1) }, { name: "graph" });
  assert.deepEqual(make(), make());
});

Deno.test("emit() writes what a session tells of its inputs and outputs", () => {
  const outputs = { loss: reduceSum(x, [0, 1]), ids: cast(x, "int64") };
  using session = openSession(emit(outputs, { name: "graph" }));
  assert.deepEqual(session.inputs, [{ name: "x", dtype: "float32", shape: [2, 3] }]);
  assert.deepEqual(session.outputs, [
    { name: "loss", dtype: "float32", shape: [] },
    { name: "ids", dtype: "int64", shape: [2, 3] },
  ]);
});
