/**
 * Antialiased bicubic resizing, as Pillow does it (`Image.resize`, `BICUBIC`): a = -0.5, bytes between the passes.
 * Columns always come first, as in Pillow up to 12; Pillow 13 starts with the cheaper pass, which clips elsewhere.
 */
import type { Size } from "./index_file.ts";

/** Pixels of RGB, row-major. */
const CHANNELS = 3;
/** Half the width of the kernel at scale 1. */
const SUPPORT = 2;
const A = -0.5;

/** For each output position: the first input position it reads, and the weights from there on. */
interface Taps {
  readonly starts: Int32Array;
  readonly weights: readonly Float64Array[];
}

/**
 * Resizes RGB pixels (uint8 [height, width, 3]): columns first, then rows, each to whole numbers in 0-255. Where
 * it shrinks, the kernel is as much wider, so that every input pixel counts.
 */
export function resample(pixels: Uint8Array, from: Size, to: Size): Uint8Array {
  let result = pixels;
  if (to.width !== from.width) {
    result = resizeColumns(result, from, taps(from.width, to.width));
  }
  if (to.height !== from.height) {
    result = resizeRows(result, to.width * CHANNELS, taps(from.height, to.height));
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

/** Weights of the kernel around the middle of each output pixel, cut off at the border, summing to 1. */
function taps(from: number, to: number): Taps {
  const scale = Math.max(1, from / to);
  const starts = new Int32Array(to);
  const weights = Array.from({ length: to }, (_, i) => {
    const middle = (i + 0.5) * from / to;
    const start = Math.max(0, Math.floor(middle - SUPPORT * scale + 0.5));
    const end = Math.min(from, Math.floor(middle + SUPPORT * scale + 0.5));
    starts[i] = start;
    const kernel = Float64Array.from(
      { length: end - start },
      (_, k) => cubic((start + k + 0.5 - middle) / scale),
    );
    const sum = kernel.reduce((total, weight) => total + weight, 0);
    return kernel.map((weight) => weight / sum);
  });
  return { starts, weights };
}

/** Keys' cubic convolution kernel (1981) with a = -0.5. */
function cubic(t: number): number {
  const x = Math.abs(t);
  if (x < 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * A;
  return 0;
}
