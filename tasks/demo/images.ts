/** Small pictures of shapes over textures, drawn from a seed, and a folder full of them. */
import { random, type Stream } from "../../lib/tensor/mod.ts";
import { openEncoder } from "./jpeg.ts";
import { SHAPE_NAMES, type ShapeName, SHAPES } from "./shapes.ts";
import { drawTexture } from "./textures.ts";

/** Which picture. */
export interface Picture {
  readonly seed: number;
  readonly shape: ShapeName;
  /** Number of the picture within its class. */
  readonly index: number;
  /** Pixels a side. Default 32. */
  readonly size?: number;
}

type Colour = readonly [number, number, number];

/** Points a pixel is sampled at, a side. */
const SAMPLES = 4;
/** Most that a shape is turned, in radians: what lies where tells the shapes apart then, as in photographs. */
const TILT = 0.15;

/**
 * Draws a picture: a light shape of random colour, size, place and tilt, with its shadow, over a
 * dark, faint, random texture. The same picture for the same arguments.
 *
 * @returns RGB bytes, `[size, size, 3]`.
 */
export function drawPicture({ seed, shape, index, size = 32 }: Picture): Uint8Array {
  const stream = random({
    seed,
    purpose: "draw",
    epoch: SHAPE_NAMES.indexOf(shape),
    sample: index,
  });
  const between = (low: number, high: number) => low + (high - low) * stream.uniform();

  const hue = stream.uniform();
  const ground = between(0.12, 0.38);
  const first = colour(hue, between(0.25, 0.8), ground);
  const second = colour(
    hue + between(-0.06, 0.06),
    between(0.3, 0.7),
    ground + between(-0.07, 0.07),
  );
  const texture = drawTexture(stream);

  const top = colour(hue + between(0.3, 0.7), between(0.6, 1), between(0.55, 0.75));
  const bottom = top.map((channel) => channel * between(0.65, 0.85)) as unknown as Colour;
  const radius = between(0.32, 0.44);
  const centre = [between(radius, 1 - radius), between(radius, 1 - radius)] as const;
  const covers = cover(shape, { stream, radius, centre, size });
  const shadow = between(0.02, 0.05);

  const pixels = new Uint8Array(size * size * 3);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = (column + 0.5) / size, y = (row + 0.5) / size;
      const share = Math.min(1, Math.max(0, texture(x, y)));
      const inside = covers(x, y);
      const shade = inside < 1 ? 1 - 0.35 * covers(x - shadow, y - shadow) * (1 - inside) : 1;
      const light = Math.min(1, Math.max(0, 0.5 + (y - centre[1]) / (2 * radius)));
      for (let channel = 0; channel < 3; channel++) {
        const under = (first[channel]! * (1 - share) + second[channel]! * share) * shade;
        const over = top[channel]! * (1 - light) + bottom[channel]! * light;
        const grain = 0.03 * (stream.uniform() - 0.5);
        const value = under * (1 - inside) + over * inside + grain;
        pixels[(row * size + column) * 3 + channel] = Math.round(
          255 * Math.min(1, Math.max(0, value)),
        );
      }
    }
  }
  return pixels;
}

/** The share of the pixel around a point that a shape covers. */
function cover(
  shape: ShapeName,
  { stream, radius, centre, size }: {
    stream: Stream;
    radius: number;
    centre: readonly [number, number];
    size: number;
  },
): (x: number, y: number) => number {
  const angle = TILT * (2 * stream.uniform() - 1);
  const stretch = 0.85 + 0.3 * stream.uniform();
  const cos = Math.cos(angle) / radius, sin = Math.sin(angle) / radius;
  const inside = SHAPES[shape];
  const reach = 1.2 * radius + 1 / size;
  return (x, y) => {
    const dx = x - centre[0], dy = y - centre[1];
    if (Math.hypot(dx, dy) > reach) return 0;
    let hits = 0;
    for (let i = 0; i < SAMPLES; i++) {
      for (let j = 0; j < SAMPLES; j++) {
        const u = dx + ((i + 0.5) / SAMPLES - 0.5) / size,
          v = dy + ((j + 0.5) / SAMPLES - 0.5) / size;
        if (inside((cos * u - sin * v) * stretch, (sin * u + cos * v) / stretch)) hits++;
      }
    }
    return hits / SAMPLES ** 2;
  };
}

/** RGB in [0, 1] of a hue (in turns), saturation and lightness in [0, 1]. */
function colour(hue: number, saturation: number, lightness: number): Colour {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n: number) => {
    const k = (((n + 12 * hue) % 12) + 12) % 12;
    return lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  };
  return [channel(0), channel(8), channel(4)];
}

/** How many pictures {@linkcode writePictures} writes. */
export interface PictureSet {
  readonly seed: number;
  /** Pictures of each class in the splits. */
  readonly train: number;
  readonly val: number;
  /** Left out: there is no such split. */
  readonly test?: number;
}

/**
 * Writes a picture set as JPEG files of quality 90: `<folder>/train/<class>/0000.jpg` and so on.
 *
 * @returns the number of files.
 */
export async function writePictures(
  folder: string,
  { seed, train, val, test = 0 }: PictureSet,
): Promise<number> {
  const size = 32;
  const encode = await openEncoder();
  const splits = [
    ["train", 0, train],
    ["val", train, train + val],
    ["test", train + val, train + val + test],
  ] as const;
  for (const shape of SHAPE_NAMES) {
    for (const [split, from, to] of splits) {
      if (to === from) continue;
      const target = `${folder}/${split}/${shape}`;
      await Deno.mkdir(target, { recursive: true });
      const write = async (_: unknown, i: number) => {
        const bytes = await encode(drawPicture({ seed, shape, index: from + i, size }), size);
        await Deno.writeFile(`${target}/${String(i).padStart(4, "0")}.jpg`, bytes);
      };
      await Promise.all(Array.from({ length: to - from }, write));
    }
  }
  return SHAPE_NAMES.length * (train + val + test);
}
