import assert from "node:assert/strict";
import sharp from "sharp";
import { dimensions } from "../../lib/data/dimensions.ts";
import { picture } from "./_pictures.ts";

const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#808080" } });

Deno.test("dimensions() reads baseline and progressive JPEG", async () => {
  const expected = { format: "jpeg", width: 37, height: 21, orientation: 1 };
  assert.deepEqual(dimensions(picture(0, 37, 21)), expected);
  assert.deepEqual(
    dimensions(await blank(37, 21).jpeg({ progressive: true }).toBuffer()),
    expected,
  );
});

Deno.test("dimensions() swaps width and height of a JPEG that lies on its side", async () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    const bytes = await blank(37, 21).jpeg().withMetadata({ orientation }).toBuffer();
    const [width, height] = orientation < 5 ? [37, 21] : [21, 37];
    assert.deepEqual(dimensions(bytes), { format: "jpeg", width, height, orientation });
  }
});

Deno.test("dimensions() reads PNG and the three kinds of WebP", async () => {
  const kinds = {
    png: blank(300, 21).png(),
    lossy: blank(300, 21).webp(),
    lossless: blank(300, 21).webp({ lossless: true }),
    extended: blank(300, 21).webp().withMetadata(),
  };
  for (const [name, image] of Object.entries(kinds)) {
    const header = dimensions(await image.toBuffer());
    assert.deepEqual([header?.width, header?.height], [300, 21], name);
  }
});

Deno.test("dimensions() asks for more where the header goes on", () => {
  const bytes = picture(0, 37, 21);
  assert.equal(dimensions(bytes.subarray(0, 30)), undefined);
});

Deno.test("dimensions() says why something is no image", () => {
  const text = new TextEncoder().encode("<html>not found</html>");
  assert.throws(() => dimensions(new Uint8Array()), { name: "SyntaxError", message: "empty file" });
  assert.throws(() => dimensions(text), { message: "not a JPEG, PNG, WebP, AVIF or GIF image" });
  const scan = Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 2, 0, 0);
  assert.throws(() => dimensions(scan), { message: "JPEG without a frame header" });
  const damaged = picture(0, 37, 21);
  damaged[20] = 0x00; // where the second segment starts
  assert.throws(() => dimensions(damaged), { message: "damaged JPEG header" });
});
