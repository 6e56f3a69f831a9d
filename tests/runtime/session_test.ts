import assert from "node:assert/strict";
import {
  Environment,
  FAKE_DEVICE,
  hostAllocator,
  OrtError,
  parseProfile,
  type SessionOptions,
} from "../../lib/runtime/mod.ts";
import { addModel, chainModel, floats, model } from "./_model.ts";

Deno.test("Session lists its inputs and outputs, open axes as -1", () => {
  using environment = Environment.open();
  using session = environment.session(
    model({
      inputs: [["image", "uint8", ["n", 3]]],
      outputs: [["value", "float32", ["n", 3]], ["flag", "bool", ["n", 3]]],
      nodes: [
        ["CastLike", ["image", "one"], ["value"]],
        ["Greater", ["value", "one"], ["flag"]],
      ],
      constants: { one: { shape: [], data: Float32Array.of(1) } },
    }),
  );
  assert.deepEqual(session.inputs, [{ name: "image", dtype: "uint8", shape: [-1, 3] }]);
  assert.deepEqual(session.outputs, [
    { name: "value", dtype: "float32", shape: [-1, 3] },
    { name: "flag", dtype: "bool", shape: [-1, 3] },
  ]);
  const { value, flag } = session.run({
    image: { dtype: "uint8", shape: [1, 3], data: Uint8Array.of(0, 1, 255) },
  });
  assert.deepEqual(value, floats([0, 1, 255], [1, 3]));
  assert.deepEqual(flag, { dtype: "bool", shape: [1, 3], data: Uint8Array.of(0, 0, 1) });
});

Deno.test("Session.run() takes arrays and tensors", () => {
  using environment = Environment.open();
  using session = environment.session(addModel("n"));
  using buffer = hostAllocator.allocate(12);
  using a = environment.tensor(buffer, { dtype: "float32", shape: [3] });
  a.array.set([1, 2, 3]);
  assert.deepEqual(session.run({ a, b: floats([4, 5, 6]) }).sum, floats([5, 7, 9]));
});

Deno.test("Session.run() takes tensors of 0 elements", () => {
  using environment = Environment.open();
  using session = environment.session(addModel("n"));
  assert.deepEqual(session.run({ a: floats([]), b: floats([]) }).sum, floats([]));
});

Deno.test("Session.run() rejects inputs that do not fit", () => {
  using environment = Environment.open();
  using session = environment.session(addModel());
  const a = floats([1, 2]);
  assert.throws(() => session.run({ a }), {
    name: "TypeError",
    message: "Cannot bind the inputs: missing b (given: a; the session has: a, b)",
  });
  assert.throws(() => session.run({ a, b: floats([1, 2, 3]) }), {
    name: "TypeError",
    message: 'Cannot bind input "b" to float32[3]: the session has float32[2]',
  });
  assert.throws(() => session.run({ a, b: floats([1, 2, 3], [2]) }), {
    name: "RangeError",
    message: "Cannot use 3 values as float32[2]: it has 2",
  });
});

Deno.test("Environment.session() passes on what ONNX Runtime says", () => {
  using environment = Environment.open({ logLevel: "fatal" });
  const open = (bytes: Uint8Array, code: string, message: RegExp) =>
    assert.throws(() => environment.session(bytes), (error) => {
      assert.ok(error instanceof OrtError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
  open(Uint8Array.of(1, 2, 3), "INVALID_PROTOBUF", /protobuf parsing failed/);
  open(new Uint8Array(0), "INVALID_ARGUMENT", /Model data pointer is null/);
  const unknown = model({
    inputs: [["x", "float32", [1]]],
    outputs: [["y", "float32", [1]]],
    nodes: [["NoSuchOp", ["x"], ["y"]]],
  });
  open(unknown, "INVALID_GRAPH", /NoSuchOp/);
});

Deno.test("Session.run() passes on what ONNX Runtime says", () => {
  using environment = Environment.open({ logLevel: "fatal" });
  using session = environment.session(addModel("n"));
  assert.throws(
    () => session.run({ a: floats([1, 2]), b: floats([1, 2, 3]) }),
    (error) => error instanceof OrtError && /Add|broadcast/i.test(error.message),
  );
  assert.deepEqual(session.run({ a: floats([1]), b: floats([2]) }).sum, floats([3]));
});

Deno.test("SessionOptions set sessions up that agree", () => {
  using environment = Environment.open();
  const variants: SessionOptions[] = [
    {},
    { threads: 2, spinning: false },
    { graphOptimization: "all", memoryPattern: true, arena: false },
    { config: { "session.intra_op.allow_spinning": "0" } },
    { device: FAKE_DEVICE },
  ];
  for (const options of variants) {
    using session = environment.session(addModel(), options);
    assert.deepEqual(session.run({ a: floats([1, 2]), b: floats([3, 4]) }).sum, floats([4, 6]));
  }
});

Deno.test("SessionOptions are checked", () => {
  using environment = Environment.open();
  for (const threads of [-1, 1.5, NaN]) {
    assert.throws(() => environment.session(addModel(), { threads }), {
      name: "RangeError",
      message: `Cannot use ${threads} threads: give a whole number in [1, 4096]`,
    });
  }
  assert.throws(
    () => environment.session(addModel(), { config: { "": "1" } }),
    (error) => error instanceof OrtError && error.code === "INVALID_ARGUMENT",
  );
  assert.throws(
    () => environment.session(addModel(), { config: { "a\0": "1" } }),
    { name: "TypeError", message: 'Cannot pass "a\\u0000" to ONNX Runtime: it holds a NUL' },
  );
});

Deno.test("Session gives the same bytes for the same input", () => {
  using environment = Environment.open();
  using session = environment.session(chainModel(64, 4), { threads: 2 });
  const x = floats(Array.from({ length: 64 * 64 }, (_, i) => Math.sin(i)), [64, 64]);
  const first = session.run({ x });
  for (let run = 0; run < 5; run++) assert.deepEqual(session.run({ x }), first);
});

Deno.test("Session.endProfiling() names a profile of the nodes that ran", () => {
  const folder = Deno.makeTempDirSync();
  try {
    using environment = Environment.open();
    using session = environment.session(chainModel(8, 3), { profile: `${folder}/run` });
    const x = floats(new Array(64).fill(1), [8, 8]);
    session.run({ x });
    session.run({ x });
    const profile = parseProfile(Deno.readTextFileSync(session.endProfiling()));
    assert.equal(profile.runs, 2);
    assert.deepEqual(profile.ops.map(({ op, count }) => [op, count]), [["MatMul", 6]]);
    assert.deepEqual(
      profile.nodes.map(({ name, count, provider }) => [name, count, provider]).sort(),
      [0, 1, 2].map((i) => [`matmul_${i}`, 2, "CPUExecutionProvider"]),
    );
    const ended = { name: "TypeError", message: /^Cannot end the profile/ };
    assert.throws(() => session.endProfiling(), ended);
    using other = environment.session(addModel());
    assert.throws(() => other.endProfiling(), ended);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("Session may be disposed in any order", () => {
  const environment = Environment.open();
  const session = environment.session(addModel());
  const buffer = hostAllocator.allocate(1024);
  const tensor = (byteOffset: number) =>
    environment.tensor(buffer, { dtype: "float32", shape: [2], byteOffset });
  const [a, b, sum] = [tensor(0), tensor(256), tensor(512)];
  const binding = session.bind({ inputs: { a, b }, outputs: { sum } });
  for (const handle of [environment, buffer, a, b, sum]) handle[Symbol.dispose]();
  binding.run(); // what it needs is still there
  session[Symbol.dispose]();
  session[Symbol.dispose]();
  const disposed = { name: "TypeError", message: "Cannot use this session: it was disposed" };
  assert.throws(() => binding.run(), disposed);
  assert.throws(() => session.run({ a: floats([1, 2]), b: floats([1, 2]) }), disposed);
  assert.throws(() => session.bind({ inputs: {}, outputs: {} }), disposed);
  assert.throws(() => session.endProfiling(), disposed);
  binding[Symbol.dispose]();
  binding[Symbol.dispose]();
});
