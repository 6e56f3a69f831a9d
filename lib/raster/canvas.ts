/** Drawing on an RGB image: rectangles, images, smooth text. */
import { type Canvas, glyphOf, LETTER } from "./letters.ts";

/** Red, green, blue, each in 0-255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Where something is drawn: pixels from the upper left corner. */
export interface At {
  /** Column of the left edge. */
  readonly left: number;
  /** Row of the upper edge. */
  readonly top: number;
}

/**
 * An image in one colour.
 *
 * @example
 * ```ts
 * import { createCanvas } from "./mod.ts";
 *
 * const { pixels } = createCanvas({ width: 4, height: 2 }, [255, 0, 0]);
 * console.assert(pixels.length === 4 * 2 * 3 && pixels[0] === 255);
 * ```
 */
export function createCanvas(
  { width, height }: { readonly width: number; readonly height: number },
  paper: Colour,
): Canvas {
  const canvas = { pixels: new Uint8Array(width * height * 3), width, height };
  fillRectangle(canvas, { left: 0, top: 0, width, height }, paper);
  return canvas;
}

/**
 * Fills a rectangle; what lies beyond the image is cut off.
 *
 * @example
 * ```ts
 * import { createCanvas, fillRectangle } from "./mod.ts";
 *
 * const canvas = createCanvas({ width: 4, height: 4 }, [255, 255, 255]);
 * fillRectangle(canvas, { left: 1, top: 1, width: 2, height: 9 }, [0, 0, 0]);
 * console.assert(canvas.pixels[(1 * 4 + 1) * 3] === 0);
 * ```
 */
export function fillRectangle(
  { pixels, width: W, height: H }: Canvas,
  { left, top, width, height }: At & { readonly width: number; readonly height: number },
  colour: Colour,
): void {
  for (let y = Math.max(0, top); y < Math.min(H, top + height); y++) {
    for (let x = Math.max(0, left); x < Math.min(W, left + width); x++) {
      pixels.set(colour, (y * W + x) * 3);
    }
  }
}

/**
 * Draws an image, each of its pixels as a square of `scale` pixels. All of it must lie on the canvas.
 *
 * @example
 * ```ts
 * import { createCanvas, drawScaled } from "./mod.ts";
 *
 * const canvas = createCanvas({ width: 8, height: 8 }, [255, 255, 255]);
 * drawScaled(canvas, createCanvas({ width: 2, height: 2 }, [0, 0, 0]), { left: 0, top: 0, scale: 3 });
 * console.assert(canvas.pixels[(5 * 8 + 5) * 3] === 0);
 * ```
 */
export function drawScaled(
  { pixels, width: W }: Canvas,
  image: Canvas,
  { left, top, scale }: At & { readonly scale: number },
): void {
  const row = new Uint8Array(image.width * scale * 3);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      const from = (y * image.width + x) * 3;
      const colour = image.pixels.subarray(from, from + 3);
      for (let i = 0; i < scale; i++) row.set(colour, (x * scale + i) * 3);
    }
    for (let i = 0; i < scale; i++) pixels.set(row, ((top + y * scale + i) * W + left) * 3);
  }
}

/** How text looks. */
export interface TextStyle {
  /** Pixels of a capital letter's height; 7 is what the letters are drawn in. */
  readonly size: number;
  /** Colour of the letters. */
  readonly colour: Colour;
}

/** Pixels of a capital letter as it is stored. */
const CAPITAL = 7;

/** How often a pixel is looked at in each direction, for smooth edges. */
const SAMPLES = 4;

/** From which share on a place between pixels of a letter is ink: below 0.5, so that diagonals hold together. */
const INK = 0.42;

/**
 * Pixels that a line of text takes in width.
 *
 * @example
 * ```ts
 * import { textWidth } from "./mod.ts";
 *
 * console.assert(textWidth("wider", { size: 12 }) > textWidth("w", { size: 12 }));
 * ```
 */
export function textWidth(text: string, { size }: Pick<TextStyle, "size">): number {
  return Math.ceil([...text].length * LETTER.width * size / CAPITAL);
}

/**
 * The text, cut with ".." so that it takes at most `width` pixels.
 *
 * @example
 * ```ts
 * import { fitText } from "./mod.ts";
 *
 * console.assert(fitText("a name that is long", 60, { size: 12 }).endsWith(".."));
 * ```
 */
export function fitText(text: string, width: number, style: Pick<TextStyle, "size">): string {
  const letters = [...text];
  const most = Math.floor(width * CAPITAL / (LETTER.width * style.size));
  return letters.length <= most ? text : `${letters.slice(0, Math.max(0, most - 2)).join("")}..`;
}

/**
 * Writes a line with smooth edges at any size; what lies beyond the image is cut off.
 *
 * @example
 * ```ts
 * import { createCanvas, drawSmoothText } from "./mod.ts";
 *
 * const canvas = createCanvas({ width: 60, height: 20 }, [255, 255, 255]);
 * drawSmoothText(canvas, "ViT", { left: 2, top: 2, size: 12, colour: [0, 0, 0] });
 * console.assert(canvas.pixels.some((value) => value < 128));
 * ```
 */
export function drawSmoothText(
  canvas: Canvas,
  text: string,
  { left, top, size, colour }: At & TextStyle,
): void {
  const scale = size / CAPITAL;
  [...text.normalize("NFD").replace(/\p{M}/gu, "")].forEach((letter, i) => {
    const glyph = glyphOf(letter);
    const start = left + i * LETTER.width * scale;
    const from = Math.floor(start) - 1;
    for (let x = from; x < from + Math.ceil(LETTER.width * scale) + 2; x++) {
      for (let y = top - 1; y < top + Math.ceil(8 * scale) + 1; y++) {
        const share = coverage(glyph, { x: x - start, y: y - top, scale });
        if (share > 0) blend(canvas, { left: x, top: y }, { colour, share });
      }
    }
  });
}

/** Share of a pixel that is ink. @param at the pixel's corner, from the letter's, in pixels of the canvas. */
function coverage(glyph: Uint8Array, { x, y, scale }: { x: number; y: number; scale: number }) {
  let inked = 0;
  for (let i = 0; i < SAMPLES * SAMPLES; i++) {
    const u = (x + (i % SAMPLES + 0.5) / SAMPLES) / scale - 0.5;
    const v = (y + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / scale - 0.5;
    const [column, row] = [Math.floor(u), Math.floor(v)];
    const [right, down] = [u - column, v - row];
    const bit = (c: number, r: number) => r < 0 || r > 7 ? 0 : (glyph[c] ?? 0) >> r & 1;
    const level = (1 - down) * ((1 - right) * bit(column, row) + right * bit(column + 1, row)) +
      down * ((1 - right) * bit(column, row + 1) + right * bit(column + 1, row + 1));
    if (level > INK) inked++;
  }
  return inked / (SAMPLES * SAMPLES);
}

function blend(
  { pixels, width, height }: Canvas,
  { left, top }: At,
  { colour, share }: { colour: Colour; share: number },
): void {
  if (left < 0 || top < 0 || left >= width || top >= height) return;
  const at = (top * width + left) * 3;
  colour.forEach((value, c) => {
    pixels[at + c] = Math.round(pixels[at + c]! * (1 - share) + value * share);
  });
}
