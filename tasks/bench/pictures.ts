/** Pictures to pack, where none are given: drawn, and packed into tars. */
import { join } from "node:path";
import { packTar } from "modern-tar";
import { openLibjpegTurbo } from "../../lib/data/libjpeg_turbo.ts";
import { random } from "../../lib/tensor/mod.ts";

/** A set of pictures. */
export interface PictureSet {
  readonly width: number;
  readonly height: number;
  /** Pictures that are drawn, and how often each is in the tar. */
  readonly drawn: number;
  readonly copies: number;
}

/** As large as ImageNet's most frequent size, and as CIFAR's. */
export const PICTURES = {
  photographs: { width: 500, height: 375, drawn: 16, copies: 16 },
  small: { width: 32, height: 32, drawn: 64, copies: 128 },
} as const satisfies Record<string, PictureSet>;

/** Draws a set into `<folder>/<name>.tar` and returns its path. The same set is the same file. */
export async function drawPictures(folder: string, name: string, set: PictureSet): Promise<string> {
  const { width, height, drawn, copies } = set;
  const jpeg = await openLibjpegTurbo();
  const entries = Array.from({ length: drawn }, (_, i) => {
    const body = jpeg.encode(draw(i, width, height), { width, height, quality: 90 });
    return Array.from({ length: copies }, (_, copy) => {
      const header = { name: `${i}/${copy}.jpg`, size: body.length, type: "file" } as const;
      return { header, body };
    });
  }).flat();
  const path = join(folder, `${name}.tar`);
  await Deno.writeFile(path, await packTar(entries));
  return path;
}

/** Widths of the waves, in pixels, and how strong each is: coarse shapes, fine detail. */
const OCTAVES = [[160, 60], [40, 35], [10, 20], [3, 12]] as const;

/** A cloudy picture: what a JPEG of it takes is near what a photograph's does. Uint8 `[height, width, 3]`. */
function draw(seed: number, width: number, height: number): Uint8Array {
  const stream = random({ seed, purpose: "draw" });
  const pixels = new Uint8ClampedArray(width * height * 3);
  for (let channel = 0; channel < 3; channel++) {
    const waves = OCTAVES.flatMap(([length, strength]) =>
      Array.from({ length: 3 }, () => {
        const angle = 2 * Math.PI * stream.uniform();
        const turn = 2 * Math.PI / (length * (0.5 + stream.uniform()));
        const [x, y] = [turn * Math.cos(angle), turn * Math.sin(angle)];
        return { x, y, phase: 2 * Math.PI * stream.uniform(), strength: strength / 2 };
      })
    );
    for (let i = 0; i < width * height; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      const sum = waves.reduce(
        (sum, w) => sum + w.strength * Math.sin(w.x * x + w.y * y + w.phase),
        128,
      );
      pixels[3 * i + channel] = sum;
    }
  }
  return new Uint8Array(pixels.buffer);
}
