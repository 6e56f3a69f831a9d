/** Small images within the page. */
import { Buffer } from "node:buffer";
import { type LibjpegTurbo, openLibjpegTurbo, resample } from "../data/mod.ts";
import { type Canvas, encodePng } from "../raster/mod.ts";
import { type Html, html } from "./html.ts";

/** Pixels of a side from which on an image is no pixel art: it is a JPEG then, of at most so many pixels a side. */
const PHOTO = { from: 65, most: 128, quality: 82 } as const;

/** Makes images of a page. */
export class ImageMaker {
  readonly #turbo: LibjpegTurbo;

  private constructor(turbo: LibjpegTurbo) {
    this.#turbo = turbo;
  }

  static open(): ImageMaker {
    return new ImageMaker(openLibjpegTurbo());
  }

  /** An image element with its pixels inside. @param alt what it shows. */
  element(image: Canvas, alt: string): Html {
    const { width, height } = image;
    return html`
      <img src="${this.#source(
        image,
      )}" width="${width}" height="${height}" alt="${alt}" loading="lazy"
        decoding="async">
    `;
  }

  /** A data URL. */
  #source({ pixels, width, height }: Canvas): string {
    if (width < PHOTO.from) {
      const png = encodePng(pixels, { width, height });
      return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
    }
    const most = Math.min(PHOTO.most, width);
    const to = { width: most, height: Math.max(1, Math.round(height * most / width)) };
    const small = resample(pixels, { width, height }, to, { resampling: "area" });
    const jpeg = this.#turbo.encode(small, { ...to, quality: PHOTO.quality });
    return `data:image/jpeg;base64,${Buffer.from(jpeg).toString("base64")}`;
  }
}

/** True of images whose pixels are to be seen as squares. */
export function isPixelArt(size: number): boolean {
  return size < PHOTO.from;
}
