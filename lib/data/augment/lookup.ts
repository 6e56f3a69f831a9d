/** Operations that replace each value by another, in place: `PIL.ImageOps`. */
import type { Picture } from "./image.ts";

const VALUES = 256;

/** Replaces values by what `table` has for them, the same in all channels. */
function replaceAll({ pixels }: Picture, value: (old: number) => number): void {
  const table = Uint8ClampedArray.from({ length: VALUES }, (_, old) => value(old));
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[pixels[i]!]!;
}

/** The same for each channel, whose histogram says by what. */
function replaceByChannel(
  { pixels }: Picture,
  tableOf: (histogram: Uint32Array) => ((old: number) => number) | null,
): void {
  for (let channel = 0; channel < 3; channel++) {
    const histogram = new Uint32Array(VALUES);
    for (let i = channel; i < pixels.length; i += 3) histogram[pixels[i]!]!++;
    const value = tableOf(histogram);
    if (value === null) continue;
    const table = Uint8ClampedArray.from({ length: VALUES }, (_, old) => value(old));
    for (let i = channel; i < pixels.length; i += 3) pixels[i] = table[pixels[i]!]!;
  }
}

/** Negative. */
export function invert(picture: Picture): void {
  replaceAll(picture, (old) => VALUES - 1 - old);
}

/** Inverts what is not below the threshold. */
export function solarize(picture: Picture, threshold: number): void {
  replaceAll(picture, (old) => old < threshold ? old : VALUES - 1 - old);
}

/** Adds to what is below 128. */
export function solarizeAdd(picture: Picture, amount: number): void {
  replaceAll(picture, (old) => old < VALUES / 2 ? Math.min(VALUES - 1, old + amount) : old);
}

/** Keeps so many of the highest bits. */
export function posterize(picture: Picture, bits: number): void {
  const mask = ~(2 ** (8 - bits) - 1);
  replaceAll(picture, (old) => old & mask);
}

/** Stretches each channel from its least and greatest value to 0 and 255. */
export function autoContrast(picture: Picture): void {
  replaceByChannel(picture, (histogram) => {
    const low = histogram.findIndex((count) => count > 0);
    const high = histogram.findLastIndex((count) => count > 0);
    if (high <= low) return null;
    const scale = (VALUES - 1) / (high - low);
    const offset = -low * scale;
    return (old) => Math.trunc(old * scale + offset);
  });
}

/** Makes all values of a channel as frequent as it goes. */
export function equalize(picture: Picture): void {
  replaceByChannel(picture, (histogram) => {
    const used = histogram.filter((count) => count > 0);
    const last = used.at(-1)!;
    const step = Math.floor((used.reduce((a, b) => a + b, 0) - last) / (VALUES - 1));
    if (used.length <= 1 || step === 0) return null;
    const below = new Float64Array(VALUES + 1);
    histogram.forEach((count, old) => below[old + 1] = below[old]! + count);
    return (old) => Math.floor((Math.floor(step / 2) + below[old]!) / step);
  });
}
