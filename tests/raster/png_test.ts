import assert from "node:assert/strict";
import sharp from "sharp";
import { encodePng } from "../../lib/raster/mod.ts";

Deno.test("encodePng() writes what others read", async () => {
  for (
    const size of [{ width: 1, height: 1 }, { width: 7, height: 3 }, { width: 300, height: 2 }]
  ) {
    const length = size.width * size.height * 3;
    const pixels = Uint8Array.from({ length }, (_, i) => (i * 89 + (i >> 3)) & 255);
    const png = encodePng(pixels, size);
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height, info.channels], [size.width, size.height, 3]);
    assert.deepEqual(new Uint8Array(data), pixels);
  }
});

Deno.test("encodePng() refuses another number of pixels", () => {
  assert.throws(() => encodePng(new Uint8Array(8), { width: 1, height: 3 }), {
    name: "RangeError",
    message: "Cannot write 8 bytes as 1 x 3 pixels of 3",
  });
  assert.throws(() => encodePng(new Uint8Array(), { width: 0, height: 3 }), RangeError);
});
