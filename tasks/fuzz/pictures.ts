/** Small image files of every kind to start from. */
import sharp from "sharp";
import { drawPicture } from "../demo/images.ts";

/** Kinds of image files. */
export const IMAGE_KINDS = ["jpeg", "png", "webp", "gif", "avif"] as const;

/** One of {@linkcode IMAGE_KINDS}. */
export type ImageKind = (typeof IMAGE_KINDS)[number];

const SIDE = 24;

/** Valid files of a kind: plain ones and those that use what the kind has to offer. */
export function pictures(kind: ImageKind): Promise<Uint8Array<ArrayBuffer>[]> {
  return Promise.all(MAKERS[kind].map(async (make) => {
    return new Uint8Array(await make().toBuffer());
  }));
}

/** The first of a kind. */
export async function picture(kind: ImageKind): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await MAKERS[kind][0]!().toBuffer());
}

type Image = ReturnType<typeof sharp>;

const MAKERS: Readonly<Record<ImageKind, readonly (() => Image)[]>> = {
  jpeg: [
    () => drawn(0).jpeg({ quality: 80 }),
    () => drawn(1).jpeg({ progressive: true }),
    () => drawn(2).greyscale().jpeg(),
    () => drawn(3).toColourspace("cmyk").jpeg(),
    () => drawn(4).withMetadata({ orientation: 6 }).jpeg({ chromaSubsampling: "4:4:4" }),
    () => drawn(5).resize(150, 130).jpeg({ mozjpeg: true }),
  ],
  png: [
    () => drawn(0).png(),
    () => drawn(1).png({ palette: true, colours: 16 }),
    () => drawn(2).greyscale().png(),
    () => drawn(3).ensureAlpha(0.5).png({ progressive: true }),
    () => drawn(4).toColourspace("rgb16").png(),
    () => drawn(5).withMetadata({ orientation: 3 }).png(),
  ],
  webp: [
    () => drawn(0).webp({ effort: 1 }),
    () => drawn(1).webp({ lossless: true, effort: 1 }),
    () => drawn(2).ensureAlpha(0.5).webp({ effort: 1 }),
    () => drawn(3).withMetadata({ orientation: 8 }).webp({ effort: 1 }),
  ],
  gif: [() => drawn(0).gif({ effort: 1 }), () => drawn(1).ensureAlpha(0.5).gif({ effort: 1 })],
  avif: [() => drawn(0).avif({ effort: 0 }), () => drawn(1).ensureAlpha(0.5).avif({ effort: 0 })],
};

function drawn(index: number): Image {
  const pixels = drawPicture({ seed: 0, shape: "circle", index, size: SIDE });
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } });
}
