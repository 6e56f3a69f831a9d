import assert from "node:assert/strict";
import { resample, type Resampling } from "../../lib/data/resample.ts";
import { random } from "../../lib/tensor/mod.ts";

interface Case {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  /** `bicubic` unless given. */
  readonly resampling?: Resampling;
  /** Red values of the first row and of the last, from Pillow's `Image.resize`, columns first; `BOX` for `area`. */
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** The picture that Pillow resized: values that jump, so that clipping counts. */
function pixel(x: number, y: number, c: number): number {
  return (x * x * 37 + y * 91 + x * y * 13 + c * 50) % 256;
}

const CASES: readonly Case[] = [
  { from: [13, 9], to: [5, 4], first: [93, 130, 127, 98, 137], last: [152, 142, 136, 110, 170] },
  { from: [9, 13], to: [4, 9], first: [52, 118, 120, 67], last: [86, 93, 112, 139] },
  {
    from: [6, 5],
    to: [11, 8],
    first: [0, 0, 20, 86, 157, 120, 66, 58, 79, 140, 172],
    last: [107, 141, 201, 169, 97, 74, 77, 119, 122, 41, 0],
  },
  {
    from: [24, 20],
    to: [16, 16],
    first: [23, 95, 112, 124, 81, 55, 146, 124, 172, 98, 81, 145, 140, 126, 183, 173],
    last: [194, 142, 205, 113, 151, 182, 117, 229, 96, 174, 123, 163, 195, 164, 189, 161],
  },
  {
    from: [40, 30],
    to: [7, 7],
    first: [132, 117, 130, 133, 131, 142, 117],
    last: [130, 132, 153, 122, 137, 130, 125],
  },
  {
    from: [13, 9],
    to: [5, 4],
    resampling: "lanczos",
    first: [91, 131, 127, 92, 140],
    last: [150, 143, 137, 107, 171],
  },
  {
    from: [40, 30],
    to: [7, 7],
    resampling: "lanczos",
    first: [131, 118, 128, 134, 132, 140, 115],
    last: [131, 132, 154, 118, 139, 129, 123],
  },
  {
    from: [40, 30],
    to: [10, 6],
    resampling: "area", // whole numbers of pixels, where Pillow's BOX is the same
    first: [120, 134, 103, 155, 124, 137, 132, 145, 114, 140],
    last: [131, 139, 115, 174, 124, 120, 147, 142, 105, 139],
  },
];

function image(width: number, height: number): Uint8Array {
  const pixels = Array.from({ length: width * height * 3 }, (_, i) => {
    const at = Math.floor(i / 3);
    return pixel(at % width, Math.floor(at / width), i % 3);
  });
  return Uint8Array.from(pixels);
}

Deno.test("resample() is within 1 of Pillow", () => {
  for (
    const { from: [fromWidth, fromHeight], to: [width, height], first, last, resampling } of CASES
  ) {
    const from = { width: fromWidth, height: fromHeight };
    const options = resampling === undefined ? {} : { resampling };
    const result = resample(image(fromWidth, fromHeight), from, { width, height }, options);
    assert.equal(result.length, width * height * 3);
    const row = (y: number) =>
      Array.from({ length: width }, (_, x) => result[(y * width + x) * 3]!);
    for (const [mine, pillow] of [[row(0), first], [row(height - 1), last]] as const) {
      mine.forEach((value, x) => {
        const text = `${fromWidth}x${fromHeight} -> ${width}x${height}: [${mine}], not [${pillow}]`;
        assert.ok(Math.abs(value - pillow[x]!) <= 1, text);
      });
    }
  }
});

/** One output value straight from the definition, in two dimensions at once and without rounding. */
function literal(
  pixels: Uint8Array,
  [w, h]: [number, number],
  [W, H]: [number, number],
  [x, y, c]: number[],
) {
  const kernel = (t: number) =>
    t < 1 ? 1.5 * t ** 3 - 2.5 * t ** 2 + 1 : t < 2 ? -0.5 * t ** 3 + 2.5 * t ** 2 - 4 * t + 2 : 0;
  const weight = (i: number, out: number, scale: number) =>
    kernel(Math.abs((i + 0.5 - (out + 0.5) * scale) / Math.max(1, scale)));
  let sum = 0, norm = 0;
  for (let j = 0; j < h; j++) {
    for (let i = 0; i < w; i++) {
      const k = weight(i, x!, w / W) * weight(j, y!, h / H);
      sum += k * pixels[(j * w + i) * 3 + c!]!;
      norm += k;
    }
  }
  return sum / norm;
}

Deno.test("resample() is the convolution with the kernel, where nothing is clipped", () => {
  const stream = random({ seed: 1, purpose: "draw" });
  for (const [w, h, W, H] of [[13, 9, 5, 7], [6, 5, 11, 12], [20, 4, 20, 3]] as const) {
    const pixels = Uint8Array.from({ length: w * h * 3 }, () => 90 + stream.below(60));
    const result = resample(pixels, { width: w, height: h }, { width: W, height: H });
    for (let i = 0; i < result.length; i++) {
      const at = Math.floor(i / 3);
      const expected = literal(pixels, [w, h], [W, H], [at % W, Math.floor(at / W), i % 3]);
      assert.ok(Math.abs(result[i]! - expected) <= 1.2, `${w}x${h} -> ${W}x${H} at ${i}`);
    }
  }
});

Deno.test("resample() leaves an image of the right size alone", () => {
  const pixels = image(5, 4);
  assert.deepEqual(resample(pixels, { width: 5, height: 4 }, { width: 5, height: 4 }), pixels);
});

Deno.test("resample() with area weighs each pixel by the share that is covered", () => {
  const pixels = Uint8Array.from([10, 20, 40, 80, 160], (value) => value).reduce(
    (all, value, i) => (all.fill(value, 3 * i, 3 * i + 3), all),
    new Uint8Array(15),
  );
  const shrunk = resample(pixels, { width: 5, height: 1 }, { width: 2, height: 1 }, {
    resampling: "area",
  });
  // 2.5 pixels each: (10 + 20 + 40 / 2) / 2.5, (40 / 2 + 80 + 160) / 2.5
  assert.deepEqual([...shrunk], [20, 20, 20, 104, 104, 104]);
});

Deno.test("resample() takes a part as if it were the image", () => {
  const whole = image(12, 10);
  const part = { left: 3, top: 2, width: 6, height: 7 };
  const cut = Uint8Array.from({ length: 6 * 7 * 3 }, (_, i) => {
    const at = Math.floor(i / 3);
    return whole[((2 + Math.floor(at / 6)) * 12 + 3 + at % 6) * 3 + i % 3]!;
  });
  const size = { width: 12, height: 10 };
  assert.deepEqual(resample(whole, size, part, { part }), cut);
  const to = { width: 4, height: 9 };
  assert.deepEqual(resample(whole, size, to, { part }), resample(cut, part, to));
});
