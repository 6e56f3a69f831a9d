/** Letters of 5 x 8 pixels, for labels in images: no font has to be installed. */

/** Pixels from one letter to the next, and from one line to the next. */
export const LETTER = { width: 6, height: 10 } as const;

/** Columns of a letter. */
const COLUMNS = 5;

/** From the space on, for each letter its columns from left to right as bytes; bit 0 is the upper pixel. */
const GLYPHS = [
  "0000000000 00005f0000 0007000700 147f147f14 242a7f2a12 2313086462 3649562050 0008070300 001c224100 0041221c00",
  "2a1c7f1c2a 08083e0808 0080703000 0808080808 0000606000 2010080402 3e5149453e 00427f4000 7249494946 2141494d33",
  "1814127f10 2745454539 3c4a494931 4121110907 3649494936 464949291e 0000140000 0040340000 0008142241 1414141414",
  "0041221408 0201590906 3e415d594e 7c1211127c 7f49494936 3e41414122 7f4141413e 7f49494941 7f09090901 3e41415173",
  "7f0808087f 00417f4100 2040413f01 7f08142241 7f40404040 7f021c027f 7f0408107f 3e4141413e 7f09090906 3e4151215e",
  "7f09192946 2649494932 03017f0103 3f4040403f 1f2040201f 3f4038403f 6314081463 0304780403 6159494d43 007f414141",
  "0204081020 004141417f 0402010204 4040404040 0003070800 2054547840 7f28444438 3844444428 384444287f 3854545418",
  "00087e0902 18a4a49c78 7f08040478 00447d4000 2040403d00 7f10284400 00417f4000 7c04780478 7c08040478 3844444438",
  "fc18242418 18242418fc 7c08040408 4854545424 04043f4424 3c4040207c 1c2040201c 3c4030403c 4428102844 4c9090907c",
  "4464544c44 0008364100 0000770000 0041360800 0201020402",
].join(" ").split(" ").map((hex) => Uint8Array.fromHex(hex));

/** What stands for a letter that there is not: an empty box. */
const MISSING = Uint8Array.of(0x7f, 0x41, 0x41, 0x41, 0x7f);

/** An image to write on: uint8 `[height, width, 3]`. */
export interface Canvas {
  /** Red, green and blue of each pixel, row by row. */
  readonly pixels: Uint8Array;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/**
 * Columns of a letter from left to right; bit 0 is the upper pixel. An empty box stands for one that there is not.
 *
 * @example
 * ```ts
 * import { glyphOf } from "./mod.ts";
 *
 * console.assert(glyphOf("l").some((column) => column > 0));
 * ```
 */
export function glyphOf(letter: string): Uint8Array {
  return GLYPHS[letter.codePointAt(0)! - 0x20] ?? MISSING;
}

/**
 * Writes a line in black; accents are left out, and what lies beyond the image is cut off.
 *
 * @param at its upper left corner.
 *
 * @example
 * ```ts
 * import { createCanvas, drawText } from "./mod.ts";
 *
 * const canvas = createCanvas({ width: 60, height: 10 }, [255, 255, 255]);
 * drawText(canvas, "ViT", { left: 1, top: 1 });
 * console.assert(canvas.pixels.includes(0));
 * ```
 */
export function drawText(
  { pixels, width, height }: Canvas,
  text: string,
  at: { readonly left: number; readonly top: number },
): void {
  const letters = [...text.normalize("NFD").replace(/\p{M}/gu, "")];
  letters.forEach((letter, i) => {
    const glyph = glyphOf(letter);
    for (let column = 0; column < COLUMNS; column++) {
      const x = at.left + i * LETTER.width + column;
      for (let row = 0; row < 8; row++) {
        const y = at.top + row;
        if ((glyph[column]! >> row & 1) === 0 || x >= width || y >= height) continue;
        pixels.fill(0, (y * width + x) * 3, (y * width + x + 1) * 3);
      }
    }
  });
}
