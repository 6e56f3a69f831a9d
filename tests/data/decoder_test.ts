import assert from "node:assert/strict";
import sharp from "sharp";
import { DECODERS, openDecoder } from "../../lib/data/decoder.ts";
import { dimensions } from "../../lib/data/dimensions.ts";
import type { Size } from "../../lib/data/index_file.ts";
import { resample, RESAMPLINGS } from "../../lib/data/resample.ts";
import { picture } from "./_pictures.ts";

const [fast, portable] = await Promise.all(DECODERS.map((name) => openDecoder(name))) as [
  Awaited<ReturnType<typeof openDecoder>>,
  Awaited<ReturnType<typeof openDecoder>>,
];

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

/** Both decoders' pixels of `bytes`. */
async function decodeBoth(bytes: Uint8Array, target?: Size): Promise<[Uint8Array, Uint8Array]> {
  const header = dimensions(bytes)!;
  return [
    await fast.decode(bytes, header, target ?? header),
    await portable.decode(bytes, header, target ?? header),
  ];
}

Deno.test("openDecoder() prefers sharp and names its version", async () => {
  assert.equal((await openDecoder()).name, "sharp");
  assert.match(
    fast.version,
    /^\d+\.\d+\.\d+ \(libvips [\d.]+; small JPEGs: libjpeg-turbo [\d.]+; smaller JPEGs: @napi-rs\/image [\d.]+\)$/,
  );
  assert.equal(portable.version, "0.4.4");
});

Deno.test("both decoders give the same picture, resized and as it is", async () => {
  for (const target of [undefined, { width: 30, height: 30 }, { width: 48, height: 11 }]) {
    const [a, b] = await decodeBoth(picture(3, 48, 40), target);
    assert.ok(meanDifference(a, b) < 1.5, `${meanDifference(a, b)}`);
  }
});

Deno.test("both decoders enlarge alike, on one side or both", async () => {
  const sharpEdges = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 7919 >> 3) & 255);
  const bytes = new Uint8Array(
    await sharp(sharpEdges, { raw: { width: 40, height: 30, channels: 3 } })
      .jpeg({ quality: 95, chromaSubsampling: "4:4:4" }).toBuffer(),
  );
  for (const [width, height] of [[80, 60], [40, 60], [20, 60], [90, 30]] as const) {
    const [a, b] = await decodeBoth(bytes, { width, height });
    const difference = meanDifference(a, b);
    assert.ok(difference < 1, `${width} x ${height}: ${difference}`);
  }
});

Deno.test("both decoders turn a JPEG upright", async () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    const bytes = await sharp(picture(4, 32, 16)).jpeg({ quality: 95, chromaSubsampling: "4:4:4" })
      .withMetadata({ orientation }).toBuffer();
    const [a, b] = await decodeBoth(bytes);
    assert.ok(meanDifference(a, b) < 2, `orientation ${orientation}: ${meanDifference(a, b)}`);
  }
});

Deno.test("both decoders make three channels of grey", async () => {
  const [a, b] = await decodeBoth(await sharp(picture(5, 20, 20)).grayscale().jpeg().toBuffer());
  assert.ok(meanDifference(a, b) < 1);
  for (let i = 0; i < a.length; i += 3) assert.ok(a[i] === a[i + 1] && a[i] === a[i + 2]);
});

Deno.test("both decoders make RGB of CMYK", async () => {
  const cmyk = await sharp(picture(6, 20, 20)).toColourspace("cmyk").jpeg().toBuffer();
  const [a, b] = await decodeBoth(cmyk);
  assert.equal(a.length, 20 * 20 * 3);
  assert.ok(meanDifference(a, b) < 2, `${meanDifference(a, b)}`);
});

Deno.test("sharp puts what is transparent on white", async () => {
  const clear = { r: 10, g: 20, b: 30, alpha: 0 };
  const png = await sharp({ create: { width: 3, height: 2, channels: 4, background: clear } })
    .png().toBuffer();
  const header = dimensions(png)!;
  assert.ok((await fast.decode(png, header, header)).every((value) => value === 255));
  await assert.rejects(portable.decode(png, header, header), {
    message: "png data, which needs sharp",
  });
});

Deno.test("both decoders refuse a JPEG that is cut short", async () => {
  const bytes = picture(7, 64, 64);
  for (const share of [0.6, 0.9]) {
    const cut = bytes.slice(0, Math.floor(bytes.length * share));
    const header = dimensions(cut)!;
    await assert.rejects(fast.decode(cut, header, header), /premature end/);
    await assert.rejects(portable.decode(cut, header, header), Error);
  }
});

Deno.test("both decoders take the central square", async () => {
  const bytes = await sharp(picture(8, 48, 31)).jpeg({ quality: 95, chromaSubsampling: "4:4:4" })
    .withMetadata({ orientation: 6 }).toBuffer();
  const header = dimensions(bytes)!; // 31 x 48 upright
  for (const name of DECODERS) {
    const [whole, cropped] = [await openDecoder(name), await openDecoder(name, { fit: "crop" })];
    const pixels = await whole.decode(bytes, header, header);
    const square = await cropped.decode(bytes, header, { width: 31, height: 31 });
    assert.deepEqual(Array.from(square), Array.from(pixels.subarray(8 * 31 * 3, 39 * 31 * 3)));
    const small = await cropped.decode(bytes, header, { width: 10, height: 10 });
    const expected = resample(square, { width: 31, height: 31 }, { width: 10, height: 10 });
    assert.ok(meanDifference(small, expected) < 1.5, `${meanDifference(small, expected)}`);
  }
});

Deno.test("both decoders resize as they are told", async () => {
  const bytes = picture(9, 60, 45);
  const header = dimensions(bytes)!;
  const to = { width: 17, height: 13 };
  const whole = await portable.decode(bytes, header, header);
  for (const resampling of RESAMPLINGS) {
    const expected = resample(whole, header, to, { resampling });
    for (const name of DECODERS) {
      const decoder = await openDecoder(name, { resampling });
      const found = await decoder.decode(bytes, header, to);
      const difference = meanDifference(found, expected);
      assert.ok(difference < 1.2, `${name} ${resampling}: ${difference}`);
    }
  }
});

Deno.test("sharp gives a small JPEG the pixels that libvips gives it", async () => {
  const raw = { width: 32, height: 32, channels: 3 } as const;
  const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * i * 7) % 251);
  for (const chromaSubsampling of ["4:2:0", "4:4:4"]) {
    const bytes = await sharp(pixels, { raw }).jpeg({ chromaSubsampling }).toBuffer();
    const header = dimensions(bytes)!;
    const found = await fast.decode(bytes, header, header);
    assert.deepEqual(Array.from(found), [...await sharp(bytes).raw().toBuffer()]);
  }
});
