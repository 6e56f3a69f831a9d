import assert from "node:assert/strict";
import { Environment, fakeDeviceAllocator, hostAllocator } from "../../lib/runtime/mod.ts";
import { CELLS, Cells } from "../../lib/train/cells.ts";
import { Slab } from "../../lib/train/slab.ts";

for (const allocator of [hostAllocator, fakeDeviceAllocator]) {
  const where = `on ${allocator.device.kind}`;

  Deno.test(`Slab starts with zeros and reads back what is written, ${where}`, () => {
    using environment = Environment.open();
    using slab = new Slab(environment, allocator, 130);
    assert.equal(slab.elements, 130);
    assert.deepEqual(slab.read(0, [130]), new Float32Array(130));
    const values = Float32Array.of(0, 1.5, -2, NaN, Infinity).subarray(1); // not at its buffer's start
    slab.write(126, values);
    assert.deepEqual(slab.read(126, [2, 2]), Float32Array.of(1.5, -2, NaN, Infinity));
    assert.deepEqual(slab.read(124, [2]), new Float32Array(2));
    assert.throws(() => slab.write(127, values), RangeError);
    assert.throws(() => slab.read(127, [4]), RangeError);
  });

  Deno.test(`Slab.tensor() is a view that is made once, ${where}`, () => {
    using environment = Environment.open();
    using slab = new Slab(environment, allocator, 256);
    const tensor = slab.tensor(64, [2, 3]);
    assert.equal(slab.tensor(64, [2, 3]), tensor);
    assert.notEqual(slab.tensor(64, [3, 2]), tensor);
    assert.notEqual(slab.tensor(64, [23]), slab.tensor(64, [2, 3]));
    assert.deepEqual([tensor.dtype, tensor.shape, tensor.byteOffset], ["float32", [2, 3], 256]);
    assert.equal(tensor.buffer.device, allocator.device);
  });

  Deno.test(`Slab holds no elements where there is no state, ${where}`, () => {
    using environment = Environment.open();
    using slab = new Slab(environment, allocator, 0);
    assert.deepEqual(slab.read(0, [0]), new Float32Array(0));
  });

  Deno.test(`Cells keep a number for each name, ${where}`, () => {
    using environment = Environment.open();
    using cells = new Cells(environment, allocator);
    for (const cell of CELLS) assert.equal(cells.get(cell), cell === "one" ? 1 : 0, cell);
    CELLS.forEach((cell, i) => cells.set(cell, i + 0.5));
    CELLS.forEach((cell, i) => assert.equal(cells.get(cell), i + 0.5, cell));
    for (const cell of CELLS) {
      const { shape, byteOffset } = cells.tensor(cell);
      assert.deepEqual(shape, [1]);
      assert.equal(byteOffset % 256, 0);
    }
    const places = CELLS.map((cell) => cells.tensor(cell).byteOffset);
    assert.equal(new Set(places).size, CELLS.length);
  });
}
