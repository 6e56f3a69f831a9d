/**
 * Antialiased resizing with bytes between the passes. `bicubic` (a = -0.5) and `lanczos` (3 lobes) are Pillow's, `area` is the
 * mean over the pixels that an output pixel covers, each by the share that is covered (OpenCV's `INTER_AREA`).
 * Columns always come first, as in Pillow up to 12; Pillow 13 starts with the cheaper pass, which clips elsewhere.
 */
import type { Part } from "./fit.ts";
import type { Size } from "./index_file.ts";

/** Ways to resize, the default first. */
export const RESAMPLINGS = ["bicubic", "lanczos", "area"] as const;

/** How an image is resized. */
export type Resampling = (typeof RESAMPLINGS)[number];

/** What is resized, and how. */
export interface ResampleOptions {
  /** The part of the image that is resized; all unless given. */
  readonly part?: Part;
  /** `bicubic` unless given. */
  readonly resampling?: Resampling;
}

/** Pixels of RGB, row-major. */
const CHANNELS = 3;

/** A kernel and half its width at scale 1. */
interface Kernel {
  readonly support: number;
  at(x: number): number;
}

const KERNELS: Readonly<Record<Exclude<Resampling, "area">, Kernel>> = {
  bicubic: { support: 2, at: cubic },
  lanczos: { support: 3, at: (x) => x < 3 ? sinc(x) * sinc(x / 3) : 0 },
};

/** For each output position: the first input position it reads, and the weights from there on. */
interface Taps {
  readonly starts: Int32Array;
  readonly weights: readonly Float64Array[];
}

/**
 * Resizes RGB pixels (uint8 [height, width, 3]): columns first, then rows, each to whole numbers in 0-255. Where
 * it shrinks, the kernel is as much wider, so that every input pixel counts.
 *
 * @example
 * ```ts
 * import { resample } from "./mod.ts";
 *
 * const half = resample(new Uint8Array(8 * 8 * 3).fill(200), { width: 8, height: 8 }, {
 *   width: 4,
 *   height: 4,
 * });
 * console.assert(half.length === 4 * 4 * 3 && half[0] === 200);
 * ```
 */
export function resample(
  pixels: Uint8Array,
  from: Size,
  to: Size,
  { part = { left: 0, top: 0, ...from }, resampling = "bicubic" }: ResampleOptions = {},
): Uint8Array {
  let result = cut(pixels, from.width, part);
  if (to.width !== part.width) {
    result = resizeColumns(result, part, taps(part.width, to.width, resampling));
  }
  if (to.height !== part.height) {
    result = resizeRows(result, to.width * CHANNELS, taps(part.height, to.height, resampling));
  }
  return result;
}

/** The part of an image. */
function cut(pixels: Uint8Array, width: number, part: Part): Uint8Array {
  const row = part.width * CHANNELS;
  if (pixels.length === part.height * row) return pixels;
  const result = new Uint8Array(part.height * row);
  for (let y = 0; y < part.height; y++) {
    const at = ((part.top + y) * width + part.left) * CHANNELS;
    result.set(pixels.subarray(at, at + row), y * row);
  }
  return result;
}

function resizeColumns(pixels: Uint8Array, from: Size, { starts, weights }: Taps): Uint8Array {
  const width = starts.length;
  const result = new Uint8ClampedArray(from.height * width * CHANNELS); // rounds and clips
  for (let y = 0; y < from.height; y++) {
    for (let x = 0; x < width; x++) {
      const kernel = weights[x]!;
      let at = (y * from.width + starts[x]!) * CHANNELS;
      let red = 0, green = 0, blue = 0;
      for (let k = 0; k < kernel.length; k++, at += CHANNELS) {
        const weight = kernel[k]!;
        red += weight * pixels[at]!;
        green += weight * pixels[at + 1]!;
        blue += weight * pixels[at + 2]!;
      }
      const out = (y * width + x) * CHANNELS;
      result[out] = red;
      result[out + 1] = green;
      result[out + 2] = blue;
    }
  }
  return new Uint8Array(result.buffer);
}

/** @param row values in a row. */
function resizeRows(pixels: Uint8Array, row: number, { starts, weights }: Taps): Uint8Array {
  const result = new Uint8ClampedArray(starts.length * row);
  const sum = new Float64Array(row);
  for (let y = 0; y < starts.length; y++) {
    sum.fill(0);
    weights[y]!.forEach((weight, k) => {
      const start = (starts[y]! + k) * row;
      for (let i = 0; i < row; i++) sum[i]! += weight * pixels[start + i]!;
    });
    result.set(sum, y * row);
  }
  return new Uint8Array(result.buffer);
}

/** Weights around the middle of each output pixel, cut off at the border, summing to 1. */
function taps(from: number, to: number, resampling: Resampling): Taps {
  const starts = new Int32Array(to);
  const weights = Array.from({ length: to }, (_, i) => {
    const { start, kernel } = resampling === "area"
      ? areaTaps(from, to, i)
      : kernelTaps(from, to, i, KERNELS[resampling]);
    starts[i] = start;
    const sum = kernel.reduce((total, weight) => total + weight, 0);
    return kernel.map((weight) => weight / sum);
  });
  return { starts, weights };
}

function kernelTaps(from: number, to: number, i: number, { support, at }: Kernel) {
  const scale = Math.max(1, from / to);
  const middle = (i + 0.5) * from / to;
  const start = Math.max(0, Math.floor(middle - support * scale + 0.5));
  const end = Math.min(from, Math.floor(middle + support * scale + 0.5));
  const kernel = Float64Array.from(
    { length: end - start },
    (_, k) => at(Math.abs((start + k + 0.5 - middle) / scale)),
  );
  return { start, kernel };
}

/** Output pixel i covers from i to i + 1, in output pixels. Whole numbers until the end, so that nothing is lost. */
function areaTaps(from: number, to: number, i: number) {
  const start = Math.floor(i * from / to);
  const end = Math.ceil((i + 1) * from / to);
  const kernel = Float64Array.from({ length: end - start }, (_, k) => {
    const [left, right] = [(start + k) * to, (start + k + 1) * to];
    return Math.min(right, (i + 1) * from) - Math.max(left, i * from);
  });
  return { start, kernel };
}

/** Keys' cubic convolution kernel (1981) with a = -0.5, for x >= 0. */
function cubic(x: number): number {
  const a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
