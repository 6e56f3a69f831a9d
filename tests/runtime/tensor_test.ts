import assert from "node:assert/strict";
import { Environment, fakeDeviceAllocator, hostAllocator } from "../../lib/runtime/mod.ts";
import { type DType, DTYPES } from "../../lib/tensor/mod.ts";

Deno.test("Environment.tensor() views every element type", () => {
  using environment = Environment.open();
  using buffer = hostAllocator.allocate(512);
  for (const dtype of Object.keys(DTYPES) as DType[]) {
    using tensor = environment.tensor(buffer, { dtype, shape: [2, 3], byteOffset: 256 });
    assert.equal(tensor.dtype, dtype);
    assert.deepEqual(tensor.shape, [2, 3]);
    assert.equal(tensor.byteLength, 6 * DTYPES[dtype].bytes);
    assert.equal(tensor.array.length, 6);
    assert.equal(tensor.array.byteOffset - buffer.bytes.byteOffset, 256);
  }
});

Deno.test("Environment.tensor() takes scalars and empty tensors", () => {
  using environment = Environment.open();
  using buffer = hostAllocator.allocate(4);
  using scalar = environment.tensor(buffer, { dtype: "float32", shape: [] });
  assert.equal(scalar.array.length, 1);
  using empty = environment.tensor(buffer, { dtype: "int64", shape: [0, 3] });
  assert.equal(empty.array.length, 0);
});

Deno.test("Environment.tensor() rejects a place that does not fit", () => {
  using environment = Environment.open();
  using buffer = hostAllocator.allocate(16);
  assert.throws(() => environment.tensor(buffer, { dtype: "float32", shape: [2, 3] }), {
    name: "RangeError",
    message: "Cannot place float32[2, 3] at offset 0: it takes 24 bytes and the buffer has 16",
  });
  assert.throws(
    () => environment.tensor(buffer, { dtype: "float32", shape: [1], byteOffset: 2 }),
    {
      name: "RangeError",
      message: "Cannot place float32[1] at offset 2: the offset must be a multiple of 4",
    },
  );
  assert.throws(() => environment.tensor(buffer, { dtype: "float32", shape: [-1] }), RangeError);
});

Deno.test("Tensor.array is refused on device memory", () => {
  using environment = Environment.open();
  using buffer = fakeDeviceAllocator.allocate(16);
  using tensor = environment.tensor(buffer, { dtype: "float32", shape: [4] });
  assert.throws(() => tensor.array, /^TypeError: Cannot access device memory from the host/);
});

Deno.test("Tensor cannot be used after disposal of itself or its buffer", () => {
  using environment = Environment.open();
  const buffer = hostAllocator.allocate(16);
  const tensor = environment.tensor(buffer, { dtype: "float32", shape: [4] });
  buffer[Symbol.dispose]();
  assert.throws(() => tensor.array, { message: "Cannot use this buffer: it was disposed" });
  tensor[Symbol.dispose]();
  tensor[Symbol.dispose]();
  assert.throws(() => tensor.array, { message: "Cannot use this tensor: it was disposed" });
  assert.throws(() => tensor.pointer, { message: "Cannot use this tensor: it was disposed" });
  assert.throws(() => environment.tensor(buffer, { dtype: "float32", shape: [4] }), {
    message: "Cannot use this buffer: it was disposed",
  });
});
