import assert from "node:assert/strict";
import {
  type Allocator,
  Environment,
  FAKE_DEVICE,
  fakeDeviceAllocator,
  hostAllocator,
  hostBufferOver,
  type SessionOptions,
  type Tensor,
} from "../../lib/runtime/mod.ts";
import { addModel } from "./_model.ts";

/** A session that adds, with tensors of two elements: a, b, sum, and a spare one. */
function open(allocator: Allocator = hostAllocator, options: SessionOptions = {}) {
  const stack = new DisposableStack();
  const environment = stack.use(Environment.open());
  const session = stack.use(environment.session(addModel(), { threads: 1, ...options }));
  const buffer = stack.use(allocator.allocate(1024));
  const tensor = (i: number): Tensor =>
    stack.use(
      environment.tensor(buffer, { dtype: "float32", shape: [2], byteOffset: 256 * i }),
    );
  const [a, b, sum, spare] = [tensor(0), tensor(1), tensor(2), tensor(3)];
  const write = (i: number, ...values: number[]) =>
    buffer.upload(new Uint8Array(Float32Array.from(values).buffer), 256 * i);
  const read = (i: number) => {
    const target = new Float32Array(2);
    buffer.download(new Uint8Array(target.buffer), 256 * i);
    return [...target];
  };
  return {
    environment,
    session,
    a,
    b,
    sum,
    spare,
    write,
    read,
    [Symbol.dispose]: () => stack.dispose(),
  };
}

for (
  const [name, allocator, options] of [
    ["host", hostAllocator, {}],
    ["device", fakeDeviceAllocator, { device: FAKE_DEVICE }],
  ] as const
) {
  Deno.test(`Binding.run() reads and writes ${name} memory in place`, () => {
    using it = open(allocator, options);
    const { a, b, sum } = it;
    using binding = it.session.bind({ inputs: { a, b }, outputs: { sum } });
    it.write(0, 1, 2);
    it.write(1, 10, 20);
    binding.run();
    assert.deepEqual(it.read(2), [11, 22]);
    it.write(1, 5, 5);
    binding.run();
    assert.deepEqual(it.read(2), [6, 7]);
  });

  Deno.test(`Binding.bindInput() swaps one tensor on the ${name}`, () => {
    using it = open(allocator, options);
    const { a, b, sum, spare } = it;
    using binding = it.session.bind({ inputs: { a, b }, outputs: { sum } });
    it.write(0, 1, 2);
    it.write(1, 10, 20);
    it.write(3, 100, 200);
    for (const [tensor, expected] of [[spare, [110, 220]], [a, [11, 22]]] as const) {
      binding.bindInput("a", tensor);
      binding.run();
      assert.deepEqual(it.read(2), expected);
    }
  });
}

Deno.test("Binding.bindOutput() swaps one tensor", () => {
  using it = open();
  const { a, b, sum, spare } = it;
  using binding = it.session.bind({ inputs: { a, b }, outputs: { sum } });
  it.write(0, 1, 2);
  binding.bindOutput("sum", spare);
  binding.run();
  assert.deepEqual([it.read(2), it.read(3)], [[0, 0], [1, 2]]);
});

Deno.test("Binding reads slots that share one memory", () => {
  using it = open();
  const { environment, b, sum } = it;
  const memory = new SharedArrayBuffer(512);
  new Float32Array(memory).set([1, 2], 0);
  new Float32Array(memory).set([3, 4], 64);
  using first = hostBufferOver(memory, 0, 256);
  using second = hostBufferOver(memory, 256, 256);
  const type = { dtype: "float32", shape: [2] } as const;
  using a = environment.tensor(first, type);
  using other = environment.tensor(second, type);
  using binding = it.session.bind({ inputs: { a, b }, outputs: { sum } });
  binding.run();
  assert.deepEqual(it.read(2), [1, 2]);
  binding.bindInput("a", other);
  binding.run();
  assert.deepEqual(it.read(2), [3, 4]);
});

Deno.test("Session.bind() rejects names that do not fit, with both lists", () => {
  using it = open();
  const { a, b, sum } = it;
  assert.throws(() => it.session.bind({ inputs: { a, c: b }, outputs: { sum } }), {
    name: "TypeError",
    message: "Cannot bind the inputs: missing b; unknown c (given: a, c; the session has: a, b)",
  });
  assert.throws(() => it.session.bind({ inputs: { a, b }, outputs: {} }), {
    name: "TypeError",
    message: "Cannot bind the outputs: missing sum (given: none; the session has: sum)",
  });
});

Deno.test("Binding rejects a tensor that does not fit", () => {
  using it = open();
  const { environment, session, a, b, sum } = it;
  using buffer = hostAllocator.allocate(64);
  using longer = environment.tensor(buffer, { dtype: "float32", shape: [3] });
  using whole = environment.tensor(buffer, { dtype: "int32", shape: [2] });
  assert.throws(() => session.bind({ inputs: { a, b: longer }, outputs: { sum } }), {
    name: "TypeError",
    message: 'Cannot bind input "b" to float32[3]: the session has float32[2]',
  });
  assert.throws(() => session.bind({ inputs: { a, b }, outputs: { sum: whole } }), {
    name: "TypeError",
    message: 'Cannot bind output "sum" to int32[2]: the session has float32[2]',
  });
  using binding = session.bind({ inputs: { a, b }, outputs: { sum } });
  assert.throws(() => binding.bindInput("c", a), {
    name: "TypeError",
    message: 'Cannot bind input "c": the session has a, b',
  });
  assert.throws(() => binding.bindInput("a", longer), /^TypeError: Cannot bind input "a"/);
  it.write(0, 1, 2);
  binding.run();
  assert.deepEqual(it.read(2), [1, 2]);
});

Deno.test("Binding rejects memory of another device", () => {
  using it = open(fakeDeviceAllocator, { device: FAKE_DEVICE });
  const { environment, a, b, sum } = it;
  using host = hostAllocator.allocate(8);
  using tensor = environment.tensor(host, { dtype: "float32", shape: [2] });
  assert.throws(() => it.session.bind({ inputs: { a, b: tensor }, outputs: { sum } }), {
    name: "TypeError",
    message: 'Cannot bind input "b" to memory on cpu: the session runs on fake',
  });
  using cpu = environment.session(addModel());
  assert.throws(() => cpu.bind({ inputs: { a: tensor, b: tensor }, outputs: { sum } }), {
    name: "TypeError",
    message: 'Cannot bind output "sum" to memory on fake: the session runs on cpu',
  });
  // An output may lie on the host: a loss that is read after every run.
  using binding = it.session.bind({ inputs: { a, b }, outputs: { sum: tensor } });
  it.write(0, 1, 2);
  binding.run();
  assert.deepEqual([...tensor.array], [1, 2]);
});

Deno.test("Binding keeps its tensors alive, and cannot run after disposal", () => {
  using it = open();
  const { a, b, sum } = it;
  const binding = it.session.bind({ inputs: { a, b }, outputs: { sum } });
  it.write(0, 1, 2);
  for (const tensor of [a, b, sum]) tensor[Symbol.dispose]();
  binding.run();
  assert.deepEqual(it.read(2), [1, 2]);
  binding[Symbol.dispose]();
  binding[Symbol.dispose]();
  assert.throws(() => binding.run(), {
    name: "TypeError",
    message: "Cannot use this binding: it was disposed",
  });
});
