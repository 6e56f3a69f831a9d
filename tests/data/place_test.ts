import assert from "node:assert/strict";
import { placeImage } from "../../lib/data/place.ts";

/** Pixels whose three channels are one number. */
const grey = (...values: number[]) => Uint8Array.from(values.flatMap((v) => [v, v, v]));

Deno.test("placeImage() fills the record with the image where it fits", () => {
  const record = new Uint8Array(12);
  placeImage(grey(1, 2, 3, 4), { width: 2, height: 2 }, { record, size: 2 });
  assert.deepEqual(record, grey(1, 2, 3, 4));
});

Deno.test("placeImage() repeats the last column and row of a smaller image", () => {
  const record = new Uint8Array(27);
  placeImage(grey(1, 2), { width: 2, height: 1 }, { record, size: 3 });
  assert.deepEqual(record, grey(1, 2, 2, 1, 2, 2, 1, 2, 2));
  placeImage(grey(5, 6), { width: 1, height: 2 }, { record, size: 3 });
  assert.deepEqual(record, grey(5, 5, 5, 6, 6, 6, 6, 6, 6));
});
