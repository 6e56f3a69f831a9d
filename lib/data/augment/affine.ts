/** Shears, shifts and rotations, in place: `PIL.Image.transform` with bicubic interpolation and a colour for what is outside. */
import type { Canvas, Picture } from "./image.ts";

/** Output pixel (x, y) shows the input at (a x + b y + c, d x + e y + f); centres of pixels are at halves. */
export type Matrix = readonly [
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
];

/** A colour: red, green, blue. */
export type Colour = readonly [number, number, number];

/** Lines are shifted by `factor` times their distance from the top. */
export function shearX(factor: number): Matrix {
  return [1, factor, 0, 0, 1, 0];
}

/** The same for columns and the left. */
export function shearY(factor: number): Matrix {
  return [1, 0, 0, factor, 1, 0];
}

/** A shift by a share of the width. */
export function translateX(share: number, side: number): Matrix {
  return [1, 0, share * side, 0, 1, 0];
}

/** A shift by a share of the height. */
export function translateY(share: number, side: number): Matrix {
  return [1, 0, 0, 0, 1, share * side];
}

/** A turn about the middle, counter-clockwise. */
export function rotation(degrees: number, side: number): Matrix {
  const turned = degrees - Math.floor(degrees / 360) * 360; // as Pillow does, for the same last digits
  const angle = -turned * Math.PI / 180;
  const [cos, sin] = [rounded(Math.cos(angle)), rounded(Math.sin(angle))];
  const middle = side / 2;
  const c = cos * -middle + sin * -middle + middle;
  const f = -sin * -middle + cos * -middle + middle;
  return [cos, sin, c, -sin, cos, f];
}

/** To 15 digits after the point. */
function rounded(value: number): number {
  return Math.round(value * 1e15) / 1e15;
}

/** Moves a picture. */
export function transform(
  picture: Picture,
  [a, b, c, d, e, f]: Matrix,
  { fill, canvas }: { readonly fill: Colour; readonly canvas: Canvas },
): void {
  const { side, pixels } = picture;
  const old = canvas.copyOf(picture).pixels;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const fromX = a * (x + 0.5) + b * (y + 0.5) + c;
      const fromY = d * (x + 0.5) + e * (y + 0.5) + f;
      const to = (y * side + x) * 3;
      if (fromX < 0 || fromX >= side || fromY < 0 || fromY >= side) {
        pixels[to] = fill[0];
        pixels[to + 1] = fill[1];
        pixels[to + 2] = fill[2];
      } else {
        show(pixels, to, old, side, fromX - 0.5, fromY - 0.5);
      }
    }
  }
}

/** Writes the pixel that is at (x, y), in pixels from the first's centre, by bicubic interpolation (a = -1), cut off to whole numbers. */
function show(
  pixels: Uint8Array,
  to: number,
  old: Uint8Array,
  side: number,
  x: number,
  y: number,
): void {
  const [column, line] = [Math.floor(x), Math.floor(y)];
  const [dx, dy] = [x - column, y - line];
  const last = side - 1;
  const x0 = 3 * inside(column - 1, last), x1 = 3 * inside(column, last);
  const x2 = 3 * inside(column + 1, last), x3 = 3 * inside(column + 2, last);
  const row = 3 * side;
  const y0 = row * inside(line - 1, last), y1 = row * inside(line, last);
  const y2 = row * inside(line + 1, last), y3 = row * inside(line + 2, last);
  for (let channel = 0; channel < 3; channel++) {
    const at = (start: number) =>
      cubic(
        old[start + x0 + channel]!,
        old[start + x1 + channel]!,
        old[start + x2 + channel]!,
        old[start + x3 + channel]!,
        dx,
      );
    const value = dy === 0 ? at(y1) : cubic(at(y0), at(y1), at(y2), at(y3), dy);
    pixels[to + channel] = value <= 0 ? 0 : value >= 255 ? 255 : value;
  }
}

function inside(place: number, last: number): number {
  return place < 0 ? 0 : place > last ? last : place;
}

/** Between v1 (share 0) and v2 (share 1). */
function cubic(v0: number, v1: number, v2: number, v3: number, share: number): number {
  const slope = v2 - v0;
  const bend = 2 * (v0 - v1) + v2 - v3;
  const turn = v1 - v0 + v3 - v2;
  return v1 + share * (slope + share * (bend + share * turn));
}
