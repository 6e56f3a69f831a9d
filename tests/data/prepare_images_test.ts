/** What preparing makes of the kinds of images. */
import assert from "node:assert/strict";
import sharp from "sharp";
import { picture } from "./_pictures.ts";
import { failed, prepared } from "./_merged.ts";
import { bytesOf, uint32 } from "./_sources.ts";

Deno.test("prepare() decodes an image for what it is, whatever its name", async () => {
  const png = await sharp(picture(3, 12, 12)).png().toBuffer();
  const files = {
    "set/png.jpg": png,
    "set/jpeg.png": picture(3, 12, 12),
    "set/text.webp": bytesOf("x"),
  };
  const { samples, records, result } = await prepared(files, ["set"], { size: 12, maxBad: 0.5 });
  assert.deepEqual(samples, ["train jpeg.png -", "train png.jpg -"]);
  assert.deepEqual(records.get("jpeg.png"), records.get("png.jpg"));
  assert.deepEqual(result.bad, [
    { path: "text.webp", reason: "not a JPEG, PNG, WebP, AVIF or GIF image" },
  ]);
  const portable = await prepared(files, ["set"], { maxBad: 0.7, decoder: "jpeg-js" });
  assert.deepEqual(portable.samples, ["train jpeg.png -"]);
  assert.deepEqual(portable.result.bad[0], {
    path: "png.jpg",
    reason: "png data, which needs sharp",
  });
});

Deno.test("prepare() refuses an image bomb by what it declares, before it is decoded", async () => {
  const bomb = new Uint8Array(await sharp(picture(1, 8, 8)).png().toBuffer());
  bomb.set(uint32(50_000, 50_000), 16);
  const files = { "set/bomb.png": bomb, "set/good.jpg": picture(0, 20, 20) };
  const { result } = await prepared(files, ["set"], { maxBad: 0.5 });
  assert.deepEqual(result.bad, [{
    path: "bomb.png",
    reason: "declares 50000 x 50000 pixels, more than --max-pixels 268402689",
  }]);
  const small = await prepared(files, ["set"], { maxBad: 0.5, maxPixels: 400 });
  assert.deepEqual(small.result.bad, [{
    path: "bomb.png",
    reason: "declares 50000 x 50000 pixels, more than --max-pixels 400",
  }]);
  assert.match(
    await failed(files, ["set"], { maxBad: 0.5, maxPixels: 399 }),
    /2 or more of its 2 images are bad/,
  );
});

Deno.test("prepare() puts transparency on the background it is told, and says so", async () => {
  const clear = {
    create: { width: 9, height: 9, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  } as const;
  const files = { "set/clear.png": await sharp(clear).png().toBuffer() };
  const white = await prepared(files, ["set"]);
  const orange = await prepared(files, ["set"], { background: "#ff8000" });
  assert.deepEqual([...white.records.get("clear.png")!.subarray(0, 3)], [255, 255, 255]);
  assert.deepEqual([...orange.records.get("clear.png")!.subarray(0, 3)], [255, 128, 0]);
  assert.notEqual(white.result.digest, orange.result.digest);
  assert.equal(
    await failed(files, ["set"], { background: "red" }),
    "RangeError: Cannot use red as background: it must be #rrggbb",
  );
});
