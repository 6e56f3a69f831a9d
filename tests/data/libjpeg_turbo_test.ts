import assert from "node:assert/strict";
import sharp from "sharp";
import { openLibjpegTurbo } from "../../lib/data/libjpeg_turbo.ts";
import { random } from "../../lib/tensor/mod.ts";
import { picture } from "./_pictures.ts";

const turbo = openLibjpegTurbo();

/** Uniform noise, which compresses worst. */
function noise(width: number, height: number): Uint8Array {
  const stream = random({ seed: 1, purpose: "draw" });
  return Uint8Array.from({ length: width * height * 3 }, () => stream.below(256));
}

Deno.test("openLibjpegTurbo() says the version that deno.json pins", () => {
  const { imports } = JSON.parse(
    Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)),
  );
  const pinned = imports["@cornerstonejs/codec-libjpeg-turbo-8bit"];
  assert.equal(pinned, `npm:@cornerstonejs/codec-libjpeg-turbo-8bit@${turbo.version}`);
});

Deno.test("LibjpegTurbo.decode() gives sharp's pixels exactly, whatever kind of JPEG", async () => {
  const raw = { width: 45, height: 31, channels: 3 } as const;
  const image = () => sharp(noise(45, 31), { raw }).blur(2);
  const jpegs = [
    await image().jpeg({ quality: 80 }).toBuffer(),
    await image().jpeg({ chromaSubsampling: "4:4:4" }).toBuffer(),
    await image().jpeg({ progressive: true }).toBuffer(),
    await image().greyscale().toColourspace("b-w").jpeg().toBuffer(),
    picture(3, 45, 31),
  ];
  for (const jpeg of jpegs) {
    const expected = await sharp(jpeg).toColourspace("srgb").raw().toBuffer();
    const { width, height, pixels } = turbo.decode(jpeg);
    assert.deepEqual([width, height], [45, 31]);
    assert.deepEqual(pixels, new Uint8Array(expected));
  }
});

Deno.test("LibjpegTurbo.decode() refuses what is not whole and goes on with the next", () => {
  const jpeg = picture(1, 64, 64);
  const whole = turbo.decode(jpeg).pixels;
  for (const bad of [jpeg.slice(0, -300), new Uint8Array(), new TextEncoder().encode("hello")]) {
    assert.throws(() => turbo.decode(bad), {
      name: "SyntaxError",
      message: "no whole JPEG of one or three channels",
    });
    assert.deepEqual(turbo.decode(jpeg).pixels, whole);
  }
});

Deno.test("LibjpegTurbo.encode() keeps a smooth picture, at fewer bytes for less quality", () => {
  const { pixels } = turbo.decode(picture(1, 100, 60));
  const size = { width: 100, height: 60 };
  const lengths = [50, 75, 90, 100].map((quality) => {
    const jpeg = turbo.encode(pixels, { ...size, quality });
    assert.deepEqual(turbo.encode(pixels, { ...size, quality }), jpeg);
    const again = turbo.decode(jpeg);
    assert.deepEqual([again.width, again.height], [100, 60]);
    const error = pixels.reduce((sum, value, i) => sum + Math.abs(value - again.pixels[i]!), 0);
    assert.ok(error / pixels.length < 5, `quality ${quality}: ${error / pixels.length}`);
    return jpeg.length;
  });
  assert.deepEqual(lengths, lengths.toSorted((a, b) => a - b));
});

Deno.test("LibjpegTurbo.encode() has room for a JPEG that is larger than its pixels", async () => {
  const fresh = openLibjpegTurbo();
  for (const [width, height] of [[1, 1], [8, 8], [3, 200], [64, 64]] as const) {
    const pixels = noise(width, height);
    const jpeg = fresh.encode(pixels, { width, height, quality: 100 });
    const expected = await sharp(jpeg, { failOn: "warning" }).raw().toBuffer();
    const decoded = fresh.decode(jpeg);
    assert.deepEqual(decoded.pixels, new Uint8Array(expected));
    assert.ok(jpeg.length <= decoded.pixels.length);
    assert.equal(decoded.width, width);
    assert.ok(decoded.height >= height);
    const error = pixels.reduce((sum, value, i) => sum + Math.abs(value - decoded.pixels[i]!), 0);
    assert.ok(error / pixels.length < 60, `${width} x ${height}: ${error / pixels.length}`);
  }
});
