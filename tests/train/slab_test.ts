import assert from "node:assert/strict";
import { Environment, openFakeContext, openHostContext } from "../../lib/runtime/mod.ts";
import { CELLS, Cells } from "../../lib/train/cells.ts";
import { Slab } from "../../lib/train/slab.ts";

for (const [device, open] of [["cpu", openHostContext], ["fake", openFakeContext]] as const) {
  const where = `on ${device}`;

  Deno.test(`Slab starts with zeros and reads back what is written, ${where}`, () => {
    using environment = Environment.open();
    using context = open(environment);
    using slab = new Slab(context, 130);
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
    using context = open(environment);
    using slab = new Slab(context, 256);
    const tensor = slab.tensor(64, [2, 3]);
    assert.equal(slab.tensor(64, [2, 3]), tensor);
    assert.notEqual(slab.tensor(64, [3, 2]), tensor);
    assert.notEqual(slab.tensor(64, [23]), slab.tensor(64, [2, 3]));
    assert.deepEqual([tensor.dtype, tensor.shape, tensor.byteOffset], ["float32", [2, 3], 256]);
    assert.equal(tensor.buffer.device.kind, device);
  });

  Deno.test(`Slab holds no elements where there is no state, ${where}`, () => {
    using environment = Environment.open();
    using context = open(environment);
    using slab = new Slab(context, 0);
    assert.deepEqual(slab.read(0, [0]), new Float32Array(0));
  });

  Deno.test(`Slab.readback() gives what was there when it was asked for, ${where}`, () => {
    using environment = Environment.open();
    using context = open(environment);
    using slab = new Slab(context, 64);
    slab.set(3, Float32Array.of(1, 2));
    const before = slab.readback(2, 3);
    slab.set(3, Float32Array.of(5));
    const after = slab.readback(3, 1);
    assert.deepEqual(after.read(), Float32Array.of(5));
    assert.deepEqual(before.read(), Float32Array.of(0, 1, 2));
    assert.equal(slab.read(4, [1])[0], 2);
  });

  Deno.test(`Cells keep a number for each name, ${where}`, () => {
    using environment = Environment.open();
    using context = open(environment);
    using cells = new Cells(context, { scalars: ["loss", "rec"], constants: [0.05] });
    const names = ["loss", "rec", ...CELLS];
    for (const cell of names) assert.equal(cells.get(cell), 0, cell);
    names.forEach((cell, i) => cells.set(cell, i + 0.5));
    names.forEach((cell, i) => assert.equal(cells.get(cell), i + 0.5, cell));
    for (const cell of names) {
      const { shape, byteOffset } = cells.tensor(cell);
      assert.deepEqual(shape, [1]);
      assert.equal(byteOffset % 256, 0);
    }
    const several = cells.readback(["norm", "loss", "finite"]);
    cells.set("loss", -1);
    for (const cell of ["norm", "loss", "finite"] as const) {
      assert.equal(several.read()[cell], names.indexOf(cell) + 0.5, cell);
    }
    const constants = [0, 1, 0.05].map((value) => cells.constant(value));
    const places = [...names.map((cell) => cells.tensor(cell)), ...constants];
    assert.equal(new Set(places.map(({ byteOffset }) => byteOffset)).size, places.length);
    assert.throws(() => cells.tensor("none"), new RangeError(`Cannot find the cell "none"`));
  });
}
