/** Every kind of image that is read, against what its pixels must be. */
import assert from "node:assert/strict";
import sharp from "sharp";
import { type DecodeOptions, openDecoder } from "../../lib/data/decoder.ts";
import { dimensions } from "../../lib/data/dimensions.ts";
import { picture } from "./_pictures.ts";
import { bytesOf, joined, uint32 } from "./_sources.ts";

const [WIDTH, HEIGHT] = [24, 16] as const;
const PIXELS = WIDTH * HEIGHT;

/** Values of smooth gradients, 0-255, `[HEIGHT, WIDTH, channels]`. */
function gradients(channels: number): Uint8Array {
  return Uint8Array.from({ length: PIXELS * channels }, (_, i) => {
    const [x, y, c] = [
      Math.floor(i / channels) % WIDTH,
      Math.floor(i / channels / WIDTH),
      i % channels,
    ];
    return [10 * x, 15 * y, 5 * (x + y), 6 * x + 4 * y][c]!;
  });
}

/** A pipeline over values of 8 or 16 bits. */
function from(values: Uint8Array | Uint16Array, channels: 1 | 2 | 3 | 4) {
  return sharp(values, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

/** RGB pixels of `bytes` as they are. */
async function decoded(
  bytes: Uint8Array,
  { name = "sharp", ...options }: DecodeOptions & { readonly name?: "sharp" | "jpeg-js" } = {},
): Promise<Uint8Array> {
  const header = dimensions(bytes)!;
  return await (await openDecoder(name, options)).decode(bytes, header, header);
}

/** Mean and greatest difference. */
function difference(a: Uint8Array, b: ArrayLike<number>): { mean: number; most: number } {
  assert.equal(a.length, b.length);
  const each = Array.from(a, (value, i) => Math.abs(value - b[i]!));
  return {
    mean: each.reduce((sum, value) => sum + value, 0) / each.length,
    most: Math.max(...each),
  };
}

function assertNear(actual: Uint8Array, expected: ArrayLike<number>, most: number, what: string) {
  const found = difference(actual, expected);
  assert.ok(
    found.most <= most,
    `${what}: they differ by ${found.most}, on average by ${found.mean}`,
  );
}

/** What values of one to four channels are as RGB on a background. */
function flat(
  values: Uint8Array | Uint16Array,
  channels: number,
  background: readonly number[],
): number[] {
  const most = values instanceof Uint16Array ? 65535 : 255;
  return Array.from({ length: PIXELS * 3 }, (_, i) => {
    const [pixel, c] = [Math.floor(i / 3), i % 3];
    const at = pixel * channels;
    const alpha = channels % 2 === 0 ? values[at + channels - 1]! / most : 1;
    const value = 255 * values[channels < 3 ? at : at + c]! / most;
    return value * alpha + background[c]! * (1 - alpha);
  });
}

Deno.test("PNG of 8 and 16 bits, grey and colour, with and without alpha, lies on the background", async () => {
  for (const channels of [1, 2, 3, 4] as const) {
    const narrow = gradients(channels);
    const wide = Uint16Array.from(
      narrow,
      (value, i) => value * 257 - (i % 2 && value > 0 ? 100 : 0),
    );
    for (const values of [narrow, wide]) {
      const bits = values === wide ? 16 : 8;
      const space = bits === 8
        ? (channels < 3 ? "b-w" : "srgb")
        : channels < 3
        ? "grey16"
        : "rgb16";
      const png = await from(values, channels).toColourspace(space).png().toBuffer();
      assert.equal(png[24], bits, "bits of the PNG");
      for (
        const [background, colour] of [["#ffffff", [255, 255, 255]], ["#ff8000", [
          255,
          128,
          0,
        ]]] as const
      ) {
        const what = `${bits} bits, ${channels} channels on ${background}`;
        assertNear(await decoded(png, { background }), flat(values, channels, colour), 2, what);
      }
    }
  }
});

Deno.test("PNG with a palette, and with transparency in it, is its colours", async () => {
  const colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255]] as const;
  const values = Uint8Array.from({ length: PIXELS * 4 }, (_, i) => {
    const pixel = Math.floor(i / 4);
    return i % 4 === 3 ? (pixel < 40 ? 0 : 255) : colours[pixel % 3]![i % 4]!;
  });
  const png = await from(values, 4).png({ palette: true, effort: 10, dither: 0 }).toBuffer();
  assert.equal(png[25], 3, "colour type of the PNG: palette");
  assertNear(
    await decoded(png, { background: "#102030" }),
    flat(values, 4, [16, 32, 48]),
    2,
    "palette",
  );
});

Deno.test("WebP, AVIF and GIF are read, transparent or not", async () => {
  const values = gradients(4).map((value, i) => i % 4 < 3 ? value : i < 400 ? 0 : 255);
  const rgb = values.filter((_, i) => i % 4 < 3);
  const files = {
    webp: await from(values, 4).webp({ lossless: true, exact: true }).toBuffer(),
    avif: await from(values, 4).avif({ lossless: true }).toBuffer(),
    gif: await from(values, 4).gif({ dither: 0, effort: 10 }).toBuffer(),
    "opaque webp": await from(rgb, 3).webp({ lossless: true }).toBuffer(),
    "opaque avif": await from(rgb, 3).avif({ lossless: true }).toBuffer(),
  };
  for (const [name, bytes] of Object.entries(files)) {
    const { format, width, height } = dimensions(bytes)!;
    assert.deepEqual([format, width, height], [name.slice(-4).trim(), WIDTH, HEIGHT], name);
    const expected = name.startsWith("opaque") ? rgb : flat(values, 4, [200, 100, 0]);
    const pixels = await decoded(bytes, { background: "#c86400" });
    assert.ok(difference(pixels, expected).mean < (name === "gif" ? 8 : 2), name);
  }
});

Deno.test("jpeg-js names what needs sharp", async () => {
  const png = await from(gradients(3), 3).png().toBuffer();
  await assert.rejects(decoded(png, { name: "jpeg-js" }), {
    message: "png data, which needs sharp",
  });
});

Deno.test("JPEG is read baseline and progressive, grey and colour, by both decoders", async () => {
  for (const progressive of [false, true]) {
    for (const channels of [1, 3] as const) {
      const values = gradients(channels);
      const pipeline = from(values, channels).toColourspace(channels === 1 ? "b-w" : "srgb");
      const options = { quality: 100, chromaSubsampling: "4:4:4", progressive };
      const bytes = await pipeline.jpeg(options).toBuffer();
      for (const name of ["sharp", "jpeg-js"] as const) {
        const what = `${progressive ? "progressive" : "baseline"}, ${channels} channels, ${name}`;
        assertNear(await decoded(bytes, { name }), flat(values, channels, [0, 0, 0]), 5, what);
      }
    }
  }
});

/** A JPEG of four inks as Adobe's programs and sharp write it. */
async function inks(): Promise<Uint8Array> {
  const pipeline = from(gradients(3), 3).toColourspace("cmyk");
  const options = { quality: 100, chromaSubsampling: "4:4:4" };
  return new Uint8Array(await pipeline.jpeg(options).toBuffer());
}

Deno.test("JPEG of four inks is the same by both decoders, whole and resized", async () => {
  const cmyk = await inks();
  assert.equal(dimensions(cmyk)!.cmyk, true);
  const target = { width: 10, height: 12 };
  for (const size of [{ width: WIDTH, height: HEIGHT }, target]) {
    const [a, b] = await Promise.all((["sharp", "jpeg-js"] as const).map(async (name) => {
      return await (await openDecoder(name)).decode(cmyk, dimensions(cmyk)!, size);
    }));
    assertNear(a!, b!, 3, `CMYK at ${size.width}`);
  }
});

Deno.test("JPEG of YCCK is what its inks are as CMYK", async () => {
  const cmyk = await inks();
  const app14 = cmyk.findIndex((byte, i) => byte === 0xff && cmyk[i + 1] === 0xee);
  const ycck = cmyk.slice();
  assert.equal(ycck[app14 + 15], 0, "the transform of what sharp writes: none");
  ycck[app14 + 15] = 2; // now its first three channels are luma and chroma
  const [a, b] = [await decoded(ycck), await decoded(ycck, { name: "jpeg-js" })];
  assertNear(a, b, 4, "YCCK");
  assert.ok(difference(a, await decoded(cmyk)).mean > 5, "it differs from CMYK");
});

/** A TIFF header that says an orientation and no more. */
function exif(orientation: number): Uint8Array {
  const tiff = new Uint8Array(26);
  const view = new DataView(tiff.buffer);
  tiff.set(bytesOf("MM\0*"));
  view.setUint32(4, 8);
  view.setUint16(8, 1);
  [0x0112, 3].forEach((value, i) => view.setUint16(10 + 2 * i, value));
  view.setUint32(14, 1);
  view.setUint16(18, orientation);
  return tiff;
}

Deno.test("PNG and WebP are turned upright as EXIF says", async () => {
  const values = gradients(3);
  for (let orientation = 1; orientation <= 8; orientation++) {
    const upright = await sharp(
      await from(values, 3).png().withMetadata({ orientation }).toBuffer(),
    ).autoOrient().raw().toBuffer({ resolveWithObject: true });
    const plain = await from(values, 3).png().toBuffer();
    const chunk = joined(bytesOf("eXIf"), exif(orientation));
    const png = joined(
      plain.subarray(0, 33),
      uint32(26),
      chunk,
      uint32(crc32(chunk)),
      plain.subarray(33),
    );
    const webp = await from(values, 3).webp({ lossless: true }).withMetadata({ orientation })
      .toBuffer();
    for (const [name, bytes] of Object.entries({ png, webp })) {
      const header = dimensions(bytes)!;
      const { width, height } = upright.info;
      assert.deepEqual([header.orientation, header.width, header.height], [
        orientation,
        width,
        height,
      ], name);
      assertNear(await decoded(bytes), upright.data, 1, `${name} ${orientation}`);
    }
    assert.equal(dimensions(webp.subarray(0, 40)), undefined, "WebP's EXIF comes last");
  }
});

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

Deno.test("AVIF that is turned has its upright size", async () => {
  for (
    const [orientation, width, height] of [[1, 24, 16], [3, 24, 16], [6, 16, 24], [
      8,
      16,
      24,
    ]] as const
  ) {
    const avif = await from(gradients(3), 3).withMetadata({ orientation }).avif().toBuffer();
    assert.equal(avif.includes("irot"), orientation > 1);
    const header = dimensions(avif)!;
    assert.deepEqual([header.width, header.height], [width, height]);
    assert.equal((await decoded(avif)).length, width * height * 3);
  }
});

Deno.test("AVIF whose boxes are cut short or damaged is not read", async () => {
  const avif = await from(gradients(3), 3).avif().toBuffer();
  for (const length of [12, 60, 200]) {
    assert.throws(() => {
      if (dimensions(avif.subarray(0, length)) === undefined) throw new SyntaxError("cut short");
    }, SyntaxError);
  }
  for (
    const [name, at, message] of [
      ["ispe", 8, "image of 0 x 16 pixels"],
      ["pitm", -4, "damaged AVIF header"],
      ["ipma", 0, "AVIF without ipma"],
    ] as const
  ) {
    const damaged = new Uint8Array(avif);
    damaged.fill(0, avif.indexOf(name) + at, avif.indexOf(name) + at + 4);
    if (name === "pitm") damaged[avif.indexOf(name) - 1] = 3; // bytes of a box
    assert.throws(() => dimensions(damaged), { name: "SyntaxError", message });
  }
});

Deno.test("raw pixels are what they are, and resized as images are", async () => {
  const values = gradients(3);
  const header = { format: "raw", width: WIDTH, height: HEIGHT, orientation: 1 } as const;
  const png = await from(values, 3).png().toBuffer();
  for (const name of ["sharp", "jpeg-js"] as const) {
    const decoder = await openDecoder(name);
    assert.deepEqual(new Uint8Array(await decoder.decode(values, header, header)), values);
    const small = await decoder.decode(values, header, { width: 7, height: 9 });
    const sameAsFile = await (await openDecoder("sharp")).decode(png, dimensions(png)!, {
      width: 7,
      height: 9,
    });
    assertNear(small, sameAsFile, 3, name);
  }
});

Deno.test("an image of more pixels than are allowed is refused by the decoders too", async () => {
  const jpeg = picture(1, 200, 100);
  await assert.rejects(
    decoded(await sharp(jpeg).png().toBuffer(), { maxPixels: 19_999 }),
    /exceeds pixel limit/,
  );
  const bomb = jpeg.slice();
  const frame = bomb.findIndex((byte, i) => byte === 0xff && bomb[i + 1] === 0xc0);
  bomb.set([0x40, 0x00, 0x40, 0x00], frame + 5); // 16384 x 16384
  await assert.rejects(
    decoded(bomb, { name: "jpeg-js", maxPixels: 1e6 }),
    /maxResolutionInMP limit exceeded/,
  );
});
