import assert from "node:assert/strict";
import { CudaError, Environment, EnvironmentError } from "../../../lib/runtime/mod.ts";
import { CudaDriver } from "../../../lib/runtime/cuda/driver.ts";
import { StreamContext } from "../../../lib/runtime/stream_context.ts";
import { Recorder } from "./_recorder.ts";

/** A context on the recorder. Kernels run on stream0, batches are copied on stream1. */
function open(recorder = new Recorder()) {
  const stack = new DisposableStack();
  const environment = stack.use(Environment.open());
  const closed: string[] = [];
  const driver = new CudaDriver(recorder.table, {
    index: 0,
    close: () => void closed.push([...recorder.alive].join()),
  });
  const context = new StreamContext(environment, driver, { captures: true });
  return {
    recorder,
    environment,
    context,
    closed,
    [Symbol.dispose]: () => {
      context[Symbol.dispose]();
      stack.dispose();
    },
  };
}

const HOST_TO_DEVICE = 1, DEVICE_TO_HOST = 2;

Deno.test("CudaDriver makes its GPU the thread's, and two streams that wait for no other", () => {
  using it = open();
  const { calls } = it.recorder;
  assert.deepEqual(calls.slice(0, 4), [
    "cudaGetDeviceCount()",
    "cudaSetDevice(0)",
    "cudaStreamCreateWithFlags(1) stream0",
    "cudaStreamCreateWithFlags(1) stream1",
  ]);
  const events = calls.filter((call) => call.startsWith("cudaEventCreateWithFlags"));
  assert.ok(events.length > 0 && events.every((call) => call.includes("(2)")), "none is timed");
  assert.deepEqual(it.context.device, { kind: "cuda", index: 0 });
  assert.deepEqual(it.context.memory(), { free: 3 * 2 ** 30, total: 4 * 2 ** 30 });
});

Deno.test("CUDA memory is zeroed when it is given, plain, and freed once", () => {
  using it = open();
  const { recorder, context } = it;
  const made = recorder.during(() => {
    using buffer = context.allocator.allocate(300);
    const target = new Uint8Array(300).fill(1);
    buffer.download(target);
    assert.deepEqual(target, new Uint8Array(300));
    assert.throws(() => buffer.bytes, /^TypeError: Cannot access device memory from the host/);
  });
  assert.deepEqual(made, [
    "cudaMalloc(300) device0",
    "cudaMemsetAsync(device0, 0, 300, stream0)",
    "cudaStreamSynchronize(stream0)",
    `cudaMemcpyAsync(host, device0, 300, ${DEVICE_TO_HOST}, stream0)`,
    "cudaStreamSynchronize(stream0)",
    "cudaFree(device0)",
  ]);
});

Deno.test("CUDA writes and readbacks are put on the sessions' stream and waited for when read", () => {
  using it = open();
  const { recorder, context } = it;
  using buffer = context.allocator.allocate(1024);
  const wrote = recorder.during(() => context.write(buffer, 256, Uint8Array.of(1, 2, 3, 4)));
  assert.deepEqual(wrote, [
    "cudaEventSynchronize(event0)",
    `cudaMemcpyAsync(device0+256, pinned0, 4, ${HOST_TO_DEVICE}, stream0)`,
    "cudaEventRecord(event0, stream0)",
  ]);
  const [, second] = recorder.during(() => context.write(buffer, 0, Uint8Array.of(9)));
  assert.match(second!, /^cudaMemcpyAsync\(device0, pinned0\+256, 1/, "another entry");
  let readback = context.readback(buffer, 256, 4);
  assert.match(recorder.calls.at(-2)!, /^cudaMemcpyAsync\(pinned1, device0\+256, 4, 2, stream0\)$/);
  assert.match(recorder.calls.at(-1)!, /^cudaEventRecord\((event\d+), stream0\)$/);
  const [event] = /event\d+/.exec(recorder.calls.at(-1)!)!;
  const read = recorder.during(() => {
    for (const _ of [1, 2]) assert.deepEqual([...readback.read()], [1, 2, 3, 4]);
  });
  assert.deepEqual(read, [`cudaEventSynchronize(${event})`]);
  const again = recorder.during(() => {
    readback = context.readback(buffer, 0, 8);
  });
  assert.deepEqual(again, [
    `cudaMemcpyAsync(pinned1, device0, 8, ${DEVICE_TO_HOST}, stream0)`,
    `cudaEventRecord(${event}, stream0)`,
  ], "pinned memory and events are used again");
});

Deno.test("CUDA staging copies on a stream of its own, tied to the sessions' by events", () => {
  using it = open();
  const { recorder, context } = it;
  const memory = new Uint8Array(new SharedArrayBuffer(8192));
  memory.fill(7, 4096);
  using staging = context.openStaging(memory, 1000)!;
  const opening = recorder.calls.slice(recorder.calls.indexOf("cudaHostRegister(host, 8192, 0)"));
  const [arrived, consumed] = opening.filter((call) => call.startsWith("cudaEventCreate"))
    .map((call) => call.split(" ")[1]);
  const copied = recorder.during(() => staging.copy(0, 4096));
  assert.deepEqual(copied, [
    `cudaStreamWaitEvent(stream1, ${consumed}, 0)`,
    `cudaMemcpyAsync(device0, host, 1000, ${HOST_TO_DEVICE}, stream1)`,
    `cudaEventRecord(${arrived}, stream1)`,
  ]);
  assert.deepEqual(recorder.during(() => staging.arrive(0)), [
    `cudaStreamWaitEvent(stream0, ${arrived}, 0)`,
  ]);
  assert.deepEqual(recorder.during(() => staging.consumed(0)), [
    `cudaEventRecord(${consumed}, stream0)`,
  ]);
  const other = recorder.during(() => staging.copy(1, 0)).join();
  assert.ok(!other.includes(`${arrived})`) && other.includes("device1"), "places share nothing");
  const target = new Uint8Array(2);
  staging.buffers[0]!.download(target);
  assert.deepEqual([...target], [7, 7]);
  const closing = recorder.during(() => staging[Symbol.dispose]());
  assert.deepEqual(closing.slice(0, 2), [
    "cudaStreamSynchronize(stream1)",
    "cudaStreamSynchronize(stream0)",
  ]);
  assert.equal(closing.at(-1), "cudaHostUnregister(registered0)");
});

Deno.test("CUDA staging goes through pinned memory where the source cannot be pinned", () => {
  using it = open();
  const { recorder, context } = it;
  recorder.failures.cudaHostRegister = 712;
  const memory = new Uint8Array(new SharedArrayBuffer(64)).fill(3);
  using staging = context.openStaging(memory, 32)!;
  assert.ok(recorder.calls.includes("cudaGetLastError()"), "the refusal is cleared");
  const transfer = staging.copy(0, 0);
  assert.match(recorder.calls.at(-2)!, /^cudaMemcpyAsync\(device0, pinned1, 32, 1, stream1\)$/);
  memory.fill(4);
  assert.ok(transfer.done);
  const target = new Uint8Array(1);
  staging.buffers[0]!.download(target);
  assert.deepEqual([...target], [3]);
});

Deno.test("Transfer.done asks CUDA, and tells not ready from failed", () => {
  using it = open();
  const { recorder, context } = it;
  using staging = context.openStaging(new Uint8Array(new SharedArrayBuffer(64)), 32)!;
  const transfer = staging.copy(0, 0);
  assert.ok(transfer.done);
  recorder.failures.cudaEventQuery = 600;
  assert.equal(transfer.done, false);
  assert.equal(recorder.calls.at(-1), "cudaGetLastError()");
  recorder.failures.cudaEventQuery = 700;
  assert.throws(() => transfer.done, {
    name: "CudaError",
    message: "Cannot query an event: CUDA says cudaErrorIllegalAddress (700), " +
      "an illegal memory access was encountered",
  });
});

Deno.test("DeviceContext.mark() times by CUDA's events", () => {
  using it = open();
  const { recorder, context } = it;
  const calls = recorder.during(() => {
    using before = context.mark();
    using after = context.mark();
    assert.equal(after.secondsSince(before), 0.25);
  }).map((call) => call.replace(/event\d+/g, "event"));
  assert.deepEqual(calls, [
    "cudaEventCreateWithFlags(0) event",
    "cudaEventRecord(event, stream0)",
    "cudaEventCreateWithFlags(0) event",
    "cudaEventRecord(event, stream0)",
    "cudaEventSynchronize(event)",
    "cudaEventSynchronize(event)",
    "cudaEventElapsedTime(event, event)",
    "cudaEventDestroy(event)",
    "cudaEventDestroy(event)",
  ]);
});

Deno.test("CUDA's errors carry its name and message", () => {
  using it = open();
  const { recorder, context } = it;
  recorder.failures.cudaMalloc = 2;
  assert.throws(() => context.allocator.allocate(1 << 20), (error) => {
    assert.ok(error instanceof CudaError);
    assert.deepEqual([error.code, error.symbol], [2, "cudaErrorMemoryAllocation"]);
    assert.equal(
      error.message,
      "Cannot allocate 1048576 bytes on cuda:0: CUDA says cudaErrorMemoryAllocation (2), out of memory",
    );
    return true;
  });
  recorder.failures.cudaStreamSynchronize = 700;
  assert.throws(() => context.synchronize(), {
    message: "Cannot finish cudaStreamSynchronize: CUDA says cudaErrorIllegalAddress (700), " +
      "an illegal memory access was encountered",
  });
  delete recorder.failures.cudaStreamSynchronize;
});

Deno.test("a CUDA context frees all that it made, after the streams are idle, and then closes the library", () => {
  const it = open();
  const { recorder, context, closed } = it;
  const buffer = context.allocator.allocate(16);
  const staging = context.openStaging(new Uint8Array(new SharedArrayBuffer(64)), 32)!;
  context.write(buffer, 0, new Uint8Array(4));
  context.readback(buffer, 0, 4); // never read
  staging[Symbol.dispose]();
  buffer[Symbol.dispose]();
  const calls = recorder.during(() => it[Symbol.dispose]());
  assert.deepEqual(calls.slice(0, 2), [
    "cudaStreamSynchronize(stream1)",
    "cudaStreamSynchronize(stream0)",
  ]);
  assert.deepEqual(calls.slice(-2), ["cudaStreamDestroy(stream1)", "cudaStreamDestroy(stream0)"]);
  assert.deepEqual([...recorder.alive], []);
  assert.deepEqual(closed, [""], "closed once, when nothing was left");
});

Deno.test("CudaDriver names what is missing, and closes the library", () => {
  const failing = (recorder: Recorder, message: string) => {
    let closed = 0;
    assert.throws(
      () => new CudaDriver(recorder.table, { index: 3, close: () => void closed++ }),
      (error) => {
        assert.ok(error instanceof EnvironmentError);
        assert.equal(error.message, message);
        return true;
      },
    );
    assert.equal(closed, 1);
  };
  failing(new Recorder({ devices: 2 }), "Cannot run on cuda:3: CUDA has 2 GPUs");
  const old = new Recorder();
  old.failures.cudaGetDeviceCount = 35;
  failing(
    old,
    "Cannot run on cuda:3: Cannot finish cudaGetDeviceCount: CUDA says cudaErrorInsufficientDriver " +
      "(35), CUDA driver version is insufficient",
  );
});
