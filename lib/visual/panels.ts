/** The pictures that are made of one view: each as large as the image itself. */
import type { Canvas } from "../raster/mod.ts";
import { type ColourMapName, colourOf } from "./colour_map.ts";
import type { View } from "./inspector.ts";

/** The panels in their order, by what stands above them. */
export const PANELS = [
  "original",
  "masked",
  "reconstructed",
  "attention",
  "probability",
] as const;

/** One of {@linkcode PANELS}. */
export type Panel = (typeof PANELS)[number];

/** How panels are drawn. */
export interface PanelOptions {
  /** Pixels of a side of a patch. */
  readonly patch: number;
  /** Whether visible patches are those of the image in a reconstruction, or the decoder's, which nothing trains. */
  readonly paste: boolean;
}

/** Grey of what is masked. */
const MASKED = 132;

/** Share of a map's colour over the image, which is grey beneath. */
const MAP_SHARE = { attention: 0.68, probability: 0.8 } as const;

const MAPS: Readonly<Record<keyof typeof MAP_SHARE, ColourMapName>> = {
  attention: "inferno",
  probability: "viridis",
};

/**
 * Draws a panel of a view.
 *
 * - `masked`: masked patches grey; `reconstructed`: as predicted;
 * - `attention`: of CLS, from 0 to the image's greatest; `probability`: of being masked, from 0 to 1.
 *
 * @example
 * ```ts
 * import { data, runtime } from "../../mod.ts";
 * import { drawPanel, Inspector, openVisualModel } from "./mod.ts";
 *
 * const { config, tensors } = openVisualModel("run");
 * const { imageSize: size, patch } = config.model;
 * const pictures = await data.readPictures(["dataset"], { count: 1, seed: 0, size });
 * using environment = runtime.Environment.open();
 * using inspector = new Inspector(environment, config, { batch: 1 });
 * const [view] = inspector.look(tensors, pictures, 0);
 * const { width, height } = drawPanel("masked", view!, { patch, paste: false });
 * console.assert(width === height);
 * ```
 */
export function drawPanel(panel: Panel, view: View, options: PanelOptions): Canvas {
  const { picture: { pixels }, masked, predicted, attention, probability } = view;
  const size = Math.sqrt(pixels.length / 3);
  const canvas = (own: Uint8Array) => ({ pixels: own, width: size, height: size });
  const patches = patchesOf(size, options.patch);
  switch (panel) {
    case "original":
      return canvas(pixels);
    case "masked":
      return canvas(pixels.map((x, i) => masked[patches[Math.floor(i / 3)]!] === 1 ? MASKED : x));
    case "reconstructed":
      return canvas(pixels.map((x, i) => {
        const isTrue = options.paste && masked[patches[Math.floor(i / 3)]!] === 0;
        return isTrue ? x : predicted[i]!;
      }));
    case "attention": {
      const greatest = attention.reduce((a, b) => Math.max(a, b), Number.MIN_VALUE);
      return canvas(mapped(pixels, patches, { panel, values: attention.map((x) => x / greatest) }));
    }
    case "probability":
      return canvas(mapped(pixels, patches, { panel, values: probability }));
  }
}

/** The patch of each pixel, row by row. */
function patchesOf(size: number, patch: number): Uint32Array {
  const grid = size / patch;
  return Uint32Array.from({ length: size * size }, (_, i) => {
    const [y, x] = [Math.floor(i / size), i % size];
    return Math.floor(y / patch) * grid + Math.floor(x / patch);
  });
}

/** The image in grey under a map's colours, one a patch. */
function mapped(
  pixels: Uint8Array,
  patches: Uint32Array,
  { panel, values }: { panel: keyof typeof MAP_SHARE; values: Float32Array },
): Uint8Array {
  const share = MAP_SHARE[panel];
  const colours = [...values].map((value) => colourOf(MAPS[panel], value));
  const result = new Uint8Array(pixels.length);
  patches.forEach((patch, i) => {
    const [red, green, blue] = pixels.subarray(3 * i, 3 * i + 3);
    const grey = 0.299 * red! + 0.587 * green! + 0.114 * blue!; // luma of ITU-R BT.601
    colours[patch]!.forEach((colour, c) => {
      result[3 * i + c] = Math.round(share * colour + (1 - share) * grey);
    });
  });
  return result;
}
