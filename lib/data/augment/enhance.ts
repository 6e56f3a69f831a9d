/** Operations that blend a picture with a degenerate one, in place: `PIL.ImageEnhance`. */
import { type Canvas, luminance, type Picture } from "./image.ts";

/** One value towards the degenerate one (0) or away from it (above 1), in float32 as in Pillow, cut off to whole numbers. */
function blend(degenerate: number, value: number, factor: number): number {
  const blended = Math.fround(degenerate + Math.fround(factor * (value - degenerate)));
  return blended <= 0 ? 0 : blended >= 255 ? 255 : Math.trunc(blended);
}

/** Saturation: 0 is grey, 1 changes nothing. */
export function colour({ pixels }: Picture, factor: number): void {
  const share = Math.fround(factor);
  for (let i = 0; i < pixels.length; i += 3) {
    const grey = luminance(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!);
    pixels[i] = blend(grey, pixels[i]!, share);
    pixels[i + 1] = blend(grey, pixels[i + 1]!, share);
    pixels[i + 2] = blend(grey, pixels[i + 2]!, share);
  }
}

/** Contrast: 0 is the mean luminance everywhere, 1 changes nothing. */
export function contrast(picture: Picture, factor: number): void {
  const { pixels } = picture;
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 3) {
    sum += luminance(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!);
  }
  towards(picture, Math.floor(sum / (pixels.length / 3) + 0.5), factor);
}

/** Brightness: 0 is black, 1 changes nothing. */
export function brightness(picture: Picture, factor: number): void {
  towards(picture, 0, factor);
}

/** Blends with one value everywhere. */
function towards({ pixels }: Picture, value: number, factor: number): void {
  const share = Math.fround(factor);
  const table = Uint8Array.from({ length: 256 }, (_, old) => blend(value, old, share));
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[pixels[i]!]!;
}

/** Weights of Pillow's SMOOTH: 5 in the middle, 1 around. */
const MIDDLE = 4, TOTAL = 13;

/** Sharpness: 0 is smoothed by 3 x 3 pixels (but for the border, which stays), 1 changes nothing. */
export function sharpness(picture: Picture, factor: number, canvas: Canvas): void {
  const { side, pixels } = picture;
  const share = Math.fround(factor);
  const old = canvas.copyOf(picture).pixels;
  const row = 3 * side;
  for (let y = 1; y < side - 1; y++) {
    for (let i = y * row + 3; i < (y + 1) * row - 3; i++) {
      const above = old[i - row - 3]! + old[i - row]! + old[i - row + 3]!;
      const beside = old[i - 3]! + old[i]! + old[i + 3]!;
      const below = old[i + row - 3]! + old[i + row]! + old[i + row + 3]!;
      const smooth = Math.floor((above + beside + below + MIDDLE * old[i]!) / TOTAL + 0.5);
      pixels[i] = blend(smooth, old[i]!, share);
    }
  }
}
