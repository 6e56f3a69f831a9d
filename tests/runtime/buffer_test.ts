import assert from "node:assert/strict";
import {
  ALIGNMENT,
  alignTo,
  fakeDeviceAllocator,
  hostAllocator,
  hostBufferOver,
} from "../../lib/runtime/mod.ts";

Deno.test("alignTo() rounds up", () => {
  assert.deepEqual([0, 1, 256, 257].map((offset) => alignTo(offset)), [0, 256, 256, 512]);
  assert.equal(alignTo(5, 4), 8);
});

for (
  const [name, allocator] of Object.entries({ host: hostAllocator, fake: fakeDeviceAllocator })
) {
  Deno.test(`${name} buffers copy in and out`, () => {
    using buffer = allocator.allocate(8);
    assert.equal(buffer.byteLength, 8);
    assert.equal(buffer.device, allocator.device);
    buffer.upload(Uint8Array.of(1, 2, 3), 4);
    const target = new Uint8Array(5);
    buffer.download(target, 3);
    assert.deepEqual([...target], [0, 1, 2, 3, 0]);
  });

  Deno.test(`${name} buffers start at aligned addresses`, () => {
    for (const byteLength of [0, 1, 1000]) {
      using buffer = allocator.allocate(byteLength);
      assert.equal(Deno.UnsafePointer.value(buffer.pointer) % BigInt(ALIGNMENT), 0n);
    }
  });

  Deno.test(`${name} buffers reject what does not fit`, () => {
    using buffer = allocator.allocate(8);
    assert.throws(() => buffer.upload(new Uint8Array(5), 4), {
      name: "RangeError",
      message: "Cannot upload 5 bytes at offset 4: the buffer has 8 bytes",
    });
    assert.throws(() => buffer.download(new Uint8Array(1), -1), {
      name: "RangeError",
      message: "Cannot download 1 bytes at offset -1: the buffer has 8 bytes",
    });
    assert.throws(() => allocator.allocate(-1), {
      name: "RangeError",
      message: "Cannot allocate -1 bytes: give a whole number >= 0",
    });
  });

  Deno.test(`${name} buffers cannot be used after disposal`, () => {
    const buffer = allocator.allocate(8);
    buffer[Symbol.dispose]();
    buffer[Symbol.dispose]();
    const message = { name: "TypeError", message: "Cannot use this buffer: it was disposed" };
    assert.throws(() => buffer.pointer, message);
    assert.throws(() => buffer.upload(new Uint8Array(1)), message);
    assert.throws(() => buffer.download(new Uint8Array(1)), message);
  });
}

Deno.test("hostBufferOver() shares memory that exists", () => {
  const memory = new SharedArrayBuffer(16);
  using buffer = hostBufferOver(memory, 4, 8);
  assert.equal(buffer.byteLength, 8);
  new Uint8Array(memory)[4] = 7;
  assert.equal(buffer.bytes[0], 7);
  buffer.upload(Uint8Array.of(9), 7);
  assert.equal(new Uint8Array(memory)[11], 9);
  assert.throws(() => hostBufferOver(memory, 12, 8), RangeError);
});

Deno.test("fake device buffers forbid host access", () => {
  using buffer = fakeDeviceAllocator.allocate(8);
  assert.throws(() => buffer.bytes, {
    name: "TypeError",
    message: "Cannot access device memory from the host: copy it with upload() and download()",
  });
});
