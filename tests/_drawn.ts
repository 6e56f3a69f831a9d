/** A packed dataset of drawn classes, made as a person would: pictures in folders, then prepare(). */
import { prepare } from "../lib/data/mod.ts";
import { encodePng } from "../lib/raster/mod.ts";
import { random } from "../lib/tensor/mod.ts";

/** What to draw. */
export interface DrawnOptions {
  /** Pixels of a side. */
  readonly size?: number;
  /** Images of each class by split; a class that is left out of a split has none there. */
  readonly splits: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Classes by name: the colour that is brightest, and how the picture changes from one side to the other. */
const KINDS = ["red", "green", "blue", "grey", "dark", "light", "cyan"];

/** Pixels of a picture of the class: its colour under noise, on a slope of its own. */
function picture(kind: string, size: number, sample: number): Uint8Array {
  const stream = random({ seed: 1, purpose: "draw", sample });
  const place = KINDS.indexOf(kind);
  const slope = 8 * (place % 3) - 8;
  const base = [place === 0, place === 1 || place === 6, place === 2 || place === 6];
  const level = kind === "dark" ? 40 : kind === "light" ? 200 : 100;
  const pixels = new Uint8Array(size * size * 3);
  for (let i = 0; i < pixels.length; i++) {
    const x = Math.floor(i / 3) % size - size / 2;
    const value = level + (base[i % 3] ? 90 : 0) + slope * x + stream.below(40);
    pixels[i] = Math.max(0, Math.min(255, value));
  }
  return pixels;
}

/**
 * Draws and packs a dataset at `folder`.
 *
 * @example
 * ```ts
 * await drawDataset("data", { splits: { train: { red: 8, green: 8 }, test: { red: 3, green: 3 } } });
 * ```
 */
export async function drawDataset(
  folder: string,
  { size = 8, splits }: DrawnOptions,
): Promise<void> {
  const source = Deno.makeTempDirSync();
  try {
    let sample = 0;
    for (const [split, kinds] of Object.entries(splits)) {
      for (const [kind, count] of Object.entries(kinds)) {
        const classFolder = `${source}/${split}/${kind}`;
        Deno.mkdirSync(classFolder, { recursive: true });
        for (let i = 0; i < count; i++) {
          const png = encodePng(picture(kind, size, sample++), { width: size, height: size });
          Deno.writeFileSync(`${classFolder}/${String(i).padStart(3, "0")}.png`, png);
        }
      }
    }
    await prepare(source, folder, { size, workers: 1 });
  } finally {
    Deno.removeSync(source, { recursive: true });
  }
}
