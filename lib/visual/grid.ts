/**
 * Views laid out on one sheet: a row an image, a column a panel, with labels that can be read. The PNG is written by our own
 * encoder over zlib, not by `sharp`: it works where that does not load, and equal pixels are equal bytes in any version of it.
 */
import {
  type At,
  type Canvas,
  type Colour,
  createCanvas,
  drawScaled,
  drawSmoothText,
  encodePng,
  fillRectangle,
  fitText,
  textWidth,
} from "../raster/mod.ts";
import { type ColourMapName, colourOf } from "./colour_map.ts";
import type { View } from "./inspector.ts";
import { drawPanel, type Panel, type PanelOptions, PANELS } from "./panels.ts";

/** What stands over everything, and how panels are drawn. */
export interface GridOptions extends PanelOptions {
  readonly title: string;
  /** Under the title. */
  readonly subtitle: string;
}

/** Pixels of a side of a panel, at least, by enlarging small images whole times. */
const LEAST_PANEL = 168;

/** Rows of a column of images; more images stand beside. */
const MOST_ROWS = 8;

const PAPER: Colour = [252, 252, 250];
const INK: Colour = [28, 32, 38];
const FAINT: Colour = [104, 110, 120];

/** Sizes of text, as the height of a capital. */
const TEXT = { title: 15, heading: 11, caption: 9 } as const;

/** Space around everything, between panels, between images, and for a caption under each. */
const SPACE = { margin: 28, gap: 10, block: 36, caption: 24, head: 52, title: 66 } as const;

/** What stands over each panel, and the ends of its colours. */
const HEADINGS: Readonly<Record<Panel, { text: string; map?: [ColourMapName, string, string] }>> = {
  original: { text: "original" },
  masked: { text: "masked" },
  reconstructed: { text: "reconstructed" },
  attention: { text: "CLS attention", map: ["inferno", "0", "max"] },
  probability: { text: "masking probability", map: ["viridis", "0", "1"] },
};

/** A sheet. */
export interface GridImage {
  readonly png: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/**
 * The sheet as a PNG. Equal views give equal bytes.
 *
 * @example
 * ```ts
 * import { data, runtime } from "../../mod.ts";
 * import { gridImage, Inspector, openVisualModel } from "./mod.ts";
 *
 * const { config, tensors } = openVisualModel("run");
 * const { imageSize: size, patch } = config.model;
 * const pictures = await data.readPictures(["dataset"], { count: 2, seed: 0, size });
 * using environment = runtime.Environment.open();
 * using inspector = new Inspector(environment, config, { batch: 2 });
 * const views = inspector.look(tensors, pictures, 0);
 * const { png } = gridImage(views, { patch, paste: false, title: "A run", subtitle: "so far" });
 * Deno.writeFileSync("sheet.png", png);
 * ```
 */
export function gridImage(views: readonly View[], options: GridOptions): GridImage {
  const size = Math.sqrt(views[0]!.picture.pixels.length / 3);
  const scale = Math.max(1, Math.ceil(LEAST_PANEL / size));
  const panel = size * scale;
  const blocks = Math.ceil(views.length / MOST_ROWS);
  const rows = Math.ceil(views.length / blocks);
  const block = PANELS.length * (panel + SPACE.gap) - SPACE.gap;
  const top = SPACE.margin + SPACE.title;
  const canvas = createCanvas({
    width: 2 * SPACE.margin + blocks * (block + SPACE.block) - SPACE.block,
    height: top + SPACE.head + rows * (panel + SPACE.caption) + SPACE.margin - 8,
  }, PAPER);
  drawTitles(canvas, options);
  for (let b = 0; b < blocks; b++) {
    const left = SPACE.margin + b * (block + SPACE.block);
    drawHeadings(canvas, { left, top }, panel);
    views.slice(b * rows, (b + 1) * rows).forEach((view, r) => {
      const at = { left, top: top + SPACE.head + r * (panel + SPACE.caption) };
      drawRow(canvas, view, { ...at, ...options, scale, panel });
    });
  }
  const { pixels, width, height } = canvas;
  return { png: encodePng(pixels, canvas), width, height };
}

function drawTitles(canvas: Canvas, { title, subtitle }: GridOptions): void {
  const width = canvas.width - 2 * SPACE.margin;
  const left = SPACE.margin;
  const first = { size: TEXT.title, colour: INK };
  drawSmoothText(canvas, fitText(title, width, first), { left, top: SPACE.margin, ...first });
  const second = { size: TEXT.heading, colour: FAINT };
  const top = SPACE.margin + 28;
  drawSmoothText(canvas, fitText(subtitle, width, second), { left, top, ...second });
}

function drawHeadings(canvas: Canvas, { left, top }: At, panel: number): void {
  PANELS.forEach((name, i) => {
    const { text, map } = HEADINGS[name];
    const at = { left: left + i * (panel + SPACE.gap), top };
    const size = Math.min(
      TEXT.heading,
      TEXT.heading * panel / textWidth(text, { size: TEXT.heading }),
    );
    drawSmoothText(canvas, text, { ...at, size, colour: INK });
    if (map !== undefined) drawScale(canvas, { ...at, top: top + 22, width: panel }, map);
  });
}

/** A strip of a map's colours between what its ends stand for. */
function drawScale(
  canvas: Canvas,
  { left, top, width }: At & { readonly width: number },
  [map, low, high]: readonly [ColourMapName, string, string],
): void {
  const style = { size: TEXT.caption, colour: FAINT };
  drawSmoothText(canvas, low, { left, top, ...style });
  const right = left + width - textWidth(high, style);
  drawSmoothText(canvas, high, { left: right, top, ...style });
  const from = left + textWidth(low, style) + 6;
  const cells = right - 6 - from;
  for (let x = 0; x < cells; x++) {
    const column = { left: from + x, top, width: 1, height: TEXT.caption };
    fillRectangle(canvas, column, colourOf(map, x / (cells - 1)));
  }
}

function drawRow(
  canvas: Canvas,
  view: View,
  { left, top, scale, panel, ...options }: At & PanelOptions & { scale: number; panel: number },
): void {
  PANELS.forEach((name, i) => {
    const at = { left: left + i * (panel + SPACE.gap), top, scale };
    drawScaled(canvas, drawPanel(name, view, options), at);
    const caption = captionOf(name, view);
    const style = { size: TEXT.caption, colour: FAINT };
    const below = { left: at.left, top: top + panel + 6 };
    drawSmoothText(canvas, fitText(caption, panel, style), { ...below, ...style });
  });
}

function captionOf(panel: Panel, { picture, masked, error }: View): string {
  switch (panel) {
    case "original":
      return picture.label ?? picture.name.split("/").at(-1)!;
    case "masked":
      return `${masked.reduce((a, b) => a + b, 0)} of ${masked.length} patches`;
    case "reconstructed":
      return `error ${error.toFixed(4)}`;
    default:
      return "";
  }
}
