import { deepEqual, equal, throws } from "node:assert/strict";
import { type BatchField, batchLayout, batchViews } from "../../lib/data/batch.ts";

const layout = batchLayout({ batch: 3, size: 10, tokens: 25 });

Deno.test("batchLayout() puts fields at multiples of 256 bytes and fills whole pages", () => {
  const { images, boxes, flips, noise, samples } = layout.fields;
  deepEqual(images, { dtype: "uint8", shape: [3, 10, 10, 3], byteOffset: 0, byteLength: 900 });
  deepEqual(boxes, { dtype: "float32", shape: [3, 4], byteOffset: 1024, byteLength: 48 });
  deepEqual(flips, { dtype: "float32", shape: [3], byteOffset: 1280, byteLength: 12 });
  deepEqual(noise, { dtype: "float32", shape: [3, 25], byteOffset: 1536, byteLength: 300 });
  deepEqual(samples, { dtype: "int32", shape: [3], byteOffset: 2048, byteLength: 12 });
  equal(layout.byteLength, 4096);
});

Deno.test("batchViews() sees each field where the layout says", () => {
  const memory = new SharedArrayBuffer(3 * layout.byteLength);
  const views = batchViews(layout, memory, layout.byteLength);
  for (const [name, { shape, byteOffset, byteLength }] of Object.entries(layout.fields)) {
    const view = views[name as BatchField];
    equal(view.byteOffset, layout.byteLength + byteOffset, name);
    equal(view.byteLength, byteLength, name);
    equal(view.length, shape.reduce((a, b) => a * b, 1), name);
  }
});

Deno.test("batchLayout() leaves noise out for no tokens, and rejects what is no size", () => {
  equal(batchLayout({ batch: 1, size: 1, tokens: 0 }).fields.noise.byteLength, 0);
  throws(
    () => batchLayout({ batch: 0, size: 1, tokens: 1 }),
    new RangeError("Cannot use 0 as batch: it must be a whole number >= 1"),
  );
  throws(
    () => batchLayout({ batch: 1, size: 2.5, tokens: 1 }),
    new RangeError("Cannot use 2.5 as size: it must be a whole number >= 1"),
  );
});

Deno.test("batchLayout() places labels, draws and a mix where they are wanted", () => {
  const sizes = { batch: 3, size: 10, tokens: 25 };
  const { fields } = batchLayout({ ...sizes, labels: true, draws: 4, mixes: true });
  const { labels, draws, mix, samples } = fields;
  deepEqual(labels, { dtype: "int32", shape: [3], byteOffset: 2048, byteLength: 12 });
  deepEqual(draws, { dtype: "float32", shape: [3, 4], byteOffset: 2304, byteLength: 48 });
  deepEqual(mix, { dtype: "float32", shape: [6], byteOffset: 2560, byteLength: 24 });
  equal(samples.byteOffset, 2816);
  const empty = Object.values(layout.fields).filter(({ byteLength }) => byteLength === 0);
  equal(empty.length, 3);
  throws(
    () => batchLayout({ ...sizes, draws: -1 }),
    new RangeError("Cannot use -1 as draws: it must be a whole number >= 0"),
  );
});
