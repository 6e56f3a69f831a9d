/** Square pictures that augmentations work on, in memory that is used again. */

/** uint8 `[side, side, 3]`: red, green, blue. */
export interface Picture {
  readonly side: number;
  readonly pixels: Uint8Array;
}

/** Memory of pictures of one side. */
export class Canvas {
  readonly #spare: Uint8Array;

  constructor(readonly side: number) {
    this.#spare = new Uint8Array(side * side * 3);
  }

  /** A copy of a picture of that side, valid until the next. */
  copyOf({ pixels }: Picture): Picture {
    this.#spare.set(pixels);
    return { side: this.side, pixels: this.#spare };
  }
}

/** Luminance as Pillow's mode L has it: ITU-R 601-2, rounded. */
export function luminance(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}
