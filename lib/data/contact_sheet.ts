/** A picture of a dataset: some images of every class, as they are stored. */
import { type Canvas, drawText, encodePng, LETTER } from "../raster/mod.ts";
import type { Dataset, Split } from "./dataset.ts";
import { resample } from "./resample.ts";

/** Name of the picture in a dataset's folder. */
export const CONTACT_SHEET = "contact-sheet.png";

/** What of a dataset is shown: spread evenly over what there is. */
const MOST = { classes: 60, perClass: 10, unlabelled: 60 } as const;

/** Pixels of a side of an image, for small records and others; around each; and around everything. */
const CELL = { small: 64, large: 96, gap: 2, margin: 8 } as const;

/** Letters of a class's name. */
const NAME = 20;

/** Grey of the paper. */
const PAPER = 238;

/** Images in a row, with what stands before them. */
interface Row {
  readonly lines: readonly string[];
  readonly samples: readonly number[];
}

/**
 * The contact sheet as a PNG: a row a class (60 at most) with its name, its number of images and up to 10 of
 * them; without classes, up to 60 images. Of the training split where there is one. Each is shown in the proportions that it had.
 */
export function contactSheet(dataset: Dataset): Uint8Array<ArrayBuffer> {
  const { classes, size } = dataset.manifest;
  const split = dataset.split(dataset.splits[0]!);
  const rows = rowsOf(split, classes);
  const cell = size <= CELL.small ? CELL.small : CELL.large;
  const step = cell + CELL.gap;
  const letters = Math.max(0, ...rows.flatMap(({ lines }) => lines.map((line) => line.length)));
  const left = CELL.margin + letters * LETTER.width + (letters > 0 ? CELL.margin : 0);
  const top = CELL.margin + LETTER.height + CELL.margin;
  const title = titleOf(dataset, split, rows);
  const width = Math.max(
    left + MOST.perClass * step,
    CELL.margin + title.length * LETTER.width,
  ) + CELL.margin;
  const height = top + rows.length * step + CELL.margin;
  const canvas = { pixels: new Uint8Array(width * height * 3).fill(PAPER), width, height };

  drawText(canvas, title, { left: CELL.margin, top: CELL.margin });
  const record = new Uint8Array(split.recordBytes);
  rows.forEach(({ lines, samples }, r) => {
    const y = top + r * step;
    lines.forEach((line, i) =>
      drawText(canvas, line, { left: CELL.margin, top: y + i * LETTER.height })
    );
    samples.forEach((sample, i) => {
      split.read(sample, record);
      const at = { left: left + i * step, top: y, cell };
      drawImage(canvas, record, { split, sample, size, ...at });
    });
  });
  return encodePng(canvas.pixels, canvas);
}

function titleOf(dataset: Dataset, split: Split, rows: readonly Row[]): string {
  const { classes, size } = dataset.manifest;
  const shown = classes.length > 0 && rows.length < classes.length
    ? `, ${rows.length} of ${classes.length} classes`
    : "";
  return `${split.name}: ${split.count} images at ${size} x ${size}${shown}`;
}

/** A row a class; without classes, rows that are full. */
function rowsOf(split: Split, classes: readonly string[]): Row[] {
  if (classes.length === 0) {
    const all = spread(Array.from({ length: split.count }, (_, i) => i), MOST.unlabelled);
    const count = Math.ceil(all.length / MOST.perClass);
    return Array.from({ length: count }, (_, r) => {
      return { lines: [], samples: all.slice(r * MOST.perClass, (r + 1) * MOST.perClass) };
    });
  }
  const samples = classes.map((): number[] => []);
  split.labels.forEach((label, i) => samples[label]?.push(i));
  const labels = spread([...classes.keys()], MOST.classes);
  return labels.map((label) => {
    const own = samples[label]!;
    const name = classes[label]!;
    const short = name.length > NAME ? `${name.slice(0, NAME - 2)}..` : name;
    return { lines: [short, String(own.length)], samples: spread(own, MOST.perClass) };
  });
}

/** At most `most` of the values, evenly. */
function spread(values: readonly number[], most: number): number[] {
  const count = Math.min(most, values.length);
  return Array.from({ length: count }, (_, i) => values[Math.floor(i * values.length / count)]!);
}

/** Where an image goes. */
interface Place {
  readonly split: Split;
  readonly sample: number;
  /** Pixels of a side of the record. */
  readonly size: number;
  readonly left: number;
  readonly top: number;
  /** Pixels of a side of the square that it is put into. */
  readonly cell: number;
}

/** Draws what a record shows in the middle of its cell. */
function drawImage(canvas: Canvas, record: Uint8Array, place: Place): void {
  const { split, sample, size, cell } = place;
  const { width, height } = split.originalSize(sample);
  const scale = cell / Math.max(width, height);
  const to = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const part = { left: 0, top: 0, ...split.storedSize(sample) };
  const pixels = resample(record, { width: size, height: size }, to, { part });
  const left = place.left + ((cell - to.width) >> 1);
  const top = place.top + ((cell - to.height) >> 1);
  for (let y = 0; y < to.height; y++) {
    const row = pixels.subarray(y * to.width * 3, (y + 1) * to.width * 3);
    canvas.pixels.set(row, ((top + y) * canvas.width + left) * 3);
  }
}
