import assert from "node:assert/strict";
import {
  CPU_CHUNK,
  type DeviceContext,
  Environment,
  hostAllocator,
  openDeviceContext,
  openFakeContext,
  openHostContext,
  type Tensor,
  WRITE_BYTES,
} from "../../lib/runtime/mod.ts";
import { addModel } from "./_model.ts";

const CONTEXTS = {
  "the host": openHostContext,
  "a late device": (environment: Environment) => openFakeContext(environment, { copies: "late" }),
  "an early device": (environment: Environment) =>
    openFakeContext(environment, { copies: "early" }),
};

const bytes = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const values = (bytes: Uint8Array) => [...new Float32Array(bytes.slice().buffer)];

/** A session that adds, bound to a buffer: a at 0, b at 256, sum at 512. */
function openAdder(context: DeviceContext) {
  const stack = new DisposableStack();
  const buffer = stack.use(context.allocator.allocate(1024));
  const tensor = (byteOffset: number): Tensor =>
    stack.use(
      context.environment.tensor(buffer, { dtype: "float32", shape: [2], byteOffset }),
    );
  const [a, b, sum] = [tensor(0), tensor(256), tensor(512)];
  const session = stack.use(context.session(addModel(), { threads: 1 }));
  const binding = stack.use(session.bind({ inputs: { a, b }, outputs: { sum } }));
  return { buffer, session, binding, a, b, [Symbol.dispose]: () => stack.dispose() };
}

for (const [name, open] of Object.entries(CONTEXTS)) {
  Deno.test(`DeviceContext keeps writes, runs and readbacks in order, on ${name}`, () => {
    using environment = Environment.open();
    using context = open(environment);
    using adder = openAdder(context);
    const { buffer, binding } = adder;
    const sums = Array.from({ length: 40 }, (_, i) => { // more than are under way at once
      const source = bytes(i, -i);
      context.write(buffer, 0, source);
      source.fill(0xff); // may be reused at once
      context.write(buffer, 256, bytes(100, 200));
      binding.run();
      return context.readback(buffer, 512, 8);
    });
    context.write(buffer, 512, bytes(7, 7));
    const last = context.readback(buffer, 512, 4);
    for (const [i, sum] of [...sums.entries()].reverse()) {
      assert.deepEqual(values(sum.read()), [100 + i, 200 - i]);
      assert.equal(sum.read(), sum.read());
    }
    assert.deepEqual(values(last.read()), [7]);
  });

  Deno.test(`DeviceContext uploads and downloads take their turn, on ${name}`, () => {
    using environment = Environment.open();
    using context = open(environment);
    using adder = openAdder(context);
    const { buffer, binding, session, a, b } = adder;
    context.write(buffer, 0, bytes(1, 2));
    buffer.upload(bytes(10, 20), 256);
    binding.run();
    const target = new Uint8Array(8);
    buffer.download(target, 512);
    assert.deepEqual(values(target), [11, 22]);
    context.write(buffer, 0, bytes(5, 5));
    assert.deepEqual([...session.run({ a, b }).sum!.data], [15, 25]);
  });

  Deno.test(`DeviceContext gives zeroed memory, and checks what is copied, on ${name}`, () => {
    using environment = Environment.open();
    using context = open(environment);
    using buffer = context.allocator.allocate(300);
    assert.deepEqual(context.readback(buffer, 0, 300).read(), new Uint8Array(300));
    assert.throws(() => context.write(buffer, 0, new Uint8Array(WRITE_BYTES + 1)), {
      name: "RangeError",
      message: "Cannot write 257 bytes at once: at most 256; use the buffer's upload()",
    });
    assert.throws(() => context.write(buffer, 299, new Uint8Array(2)), RangeError);
    assert.throws(() => context.readback(buffer, 299, 2), RangeError);
    buffer[Symbol.dispose]();
    const message = { name: "TypeError", message: "Cannot use this buffer: it was disposed" };
    assert.throws(() => context.write(buffer, 0, new Uint8Array(1)), message);
    assert.throws(() => context.readback(buffer, 0, 1), message);
  });

  Deno.test(`DeviceContext.mark() tells the time in between, on ${name}`, () => {
    using environment = Environment.open();
    using context = open(environment);
    using adder = openAdder(context);
    using before = context.mark();
    adder.binding.run();
    using after = context.mark();
    const seconds = after.secondsSince(before);
    assert.ok(seconds >= 0 && seconds < 10, `${seconds} s`);
    assert.ok(before.secondsSince(after) <= 0);
  });
}

Deno.test("a fake device has done nothing before something waits for it", () => {
  using environment = Environment.open();
  using context = openFakeContext(environment);
  using adder = openAdder(context);
  using host = hostAllocator.allocate(8);
  using sum = environment.tensor(host, { dtype: "float32", shape: [2] });
  const { session, a, b, buffer } = adder;
  using binding = session.bind({ inputs: { a, b }, outputs: { sum } });
  context.write(buffer, 0, bytes(1, 2));
  binding.run();
  assert.deepEqual([...sum.array], [0, 0]);
  context.synchronize();
  assert.deepEqual([...sum.array], [1, 2]);
});

Deno.test("a fake device runs what was launched, also if its binding was disposed meanwhile", () => {
  using environment = Environment.open();
  using context = openFakeContext(environment);
  using adder = openAdder(context);
  const { buffer, binding } = adder;
  context.write(buffer, 0, bytes(3, 4));
  binding.run();
  binding[Symbol.dispose]();
  assert.deepEqual(values(context.readback(buffer, 512, 8).read()), [3, 4]);
});

Deno.test("DeviceContext counts the bytes that it copies", () => {
  using environment = Environment.open();
  using context = openFakeContext(environment);
  assert.deepEqual(context.traffic, { hostToDevice: 0, deviceToHost: 0 });
  using buffer = context.allocator.allocate(1024);
  context.write(buffer, 0, new Uint8Array(4));
  buffer.upload(new Uint8Array(100));
  context.readback(buffer, 0, 12);
  buffer.download(new Uint8Array(30));
  assert.deepEqual(context.traffic, { hostToDevice: 104, deviceToHost: 42 });
  using staging = context.openStaging(new Uint8Array(new SharedArrayBuffer(64)), 16)!;
  staging.copy(0, 32);
  assert.equal(context.traffic.hostToDevice, 120);
});

Deno.test("DeviceContext.openStaging() fills two places by turns", () => {
  for (const pins of [true, false]) {
    using environment = Environment.open();
    using context = openFakeContext(environment, { pins });
    const source = new Uint8Array(new SharedArrayBuffer(8)).fill(1);
    using staging = context.openStaging(source, 4)!;
    assert.equal(staging.buffers.length, 2);
    const transfer = staging.copy(1, 4);
    assert.equal(transfer.done, !pins, "what was copied aside may be reused at once");
    transfer.wait();
    assert.ok(transfer.done);
    source.fill(2);
    staging.arrive(1);
    assert.deepEqual([...context.readback(staging.buffers[1]!, 0, 4).read()], [1, 1, 1, 1]);
    assert.throws(() => staging.copy(0, 5), {
      name: "RangeError",
      message: "Cannot stage 4 bytes at offset 5: the source has 8 bytes",
    });
    assert.throws(() => staging.copy(2, 0), {
      name: "RangeError",
      message: "Cannot stage at place 2: there are 2",
    });
  }
});

Deno.test("openDeviceContext() opens each kind of device", () => {
  using environment = Environment.open();
  using host = openDeviceContext({ kind: "cpu" }, environment);
  assert.deepEqual([host.runsAhead, host.captures, host.chunk], [false, false, CPU_CHUNK]);
  assert.equal(host.openStaging(new Uint8Array(8), 4), null);
  assert.deepEqual([host.memory(), host.traffic], [null, { hostToDevice: 0, deviceToHost: 0 }]);
  using fake = openDeviceContext({ kind: "fake" }, environment);
  assert.deepEqual([fake.runsAhead, fake.captures, fake.chunk], [true, false, Infinity]);
  using buffer = host.allocator.allocate(8);
  assert.throws(() => fake.readback(buffer, 0, 1), {
    name: "TypeError",
    message: "Cannot copy this buffer in the device's order: it is not on a device",
  });
});
