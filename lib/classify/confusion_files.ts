/** The confusion matrix as a table and as a picture. */
import {
  type Colour,
  createCanvas,
  drawText,
  encodePng,
  fillRectangle,
  LETTER,
} from "../raster/mod.ts";

/** Images of class `i` that were taken for class `j`, `[C][C]`. */
type Confusion = readonly (readonly number[])[];

/**
 * The matrix as CSV: a head of the classes that images were taken for, then a row for each class that they are of.
 *
 * @throws {TypeError} if there are more or fewer rows than classes.
 *
 * @example
 * ```ts
 * import { confusionCsv } from "./mod.ts";
 *
 * const rows = confusionCsv([[5, 1], [0, 6]], ["cat", "dog"]).trim().split("\n");
 * console.assert(rows.length === 3 && rows[1]!.endsWith("5,1"));
 * ```
 */
export function confusionCsv(confusion: Confusion, classes: readonly string[]): string {
  check(confusion, classes);
  const rows = confusion.map((row, i) => [quoted(classes[i]!), ...row].join(","));
  return [["class", ...classes.map(quoted)].join(","), ...rows].join("\n") + "\n";
}

/** A field of a CSV file: quoted if it holds anything that divides fields. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Most pixels of a side of the matrix, and of a cell. */
const MOST = { side: 800, cell: 24 } as const;
/** Fewest pixels of a cell that has a row of letters beside it. */
const LABELLED = LETTER.height;
/** Most letters of a class's name. */
const LETTERS = 16;
const MARGIN = 4;

/**
 * The matrix as a PNG file: a row for each class that images are of, in the order of the classes from the top, a column for
 * each that they were taken for. The darker a cell, the larger its share of the row. Classes are named where there is room.
 *
 * @throws {TypeError} if there are more or fewer rows than classes.
 *
 * @example
 * ```ts
 * import { confusionPng } from "./mod.ts";
 *
 * Deno.writeFileSync("confusion.png", confusionPng([[5, 1], [0, 6]], ["cat", "dog"]));
 * ```
 */
export function confusionPng(
  confusion: Confusion,
  classes: readonly string[],
): Uint8Array<ArrayBuffer> {
  check(confusion, classes);
  const C = classes.length;
  const cell = Math.max(1, Math.min(MOST.cell, Math.floor(MOST.side / C)));
  const names = cell >= LABELLED ? classes.map((name) => name.slice(0, LETTERS)) : [];
  const left = Math.max(0, ...names.map((name) => name.length)) * LETTER.width +
    (names.length > 0 ? 2 * MARGIN : MARGIN);
  const size = { width: left + C * cell + MARGIN, height: C * cell + 2 * MARGIN };
  const canvas = createCanvas(size, [255, 255, 255]);
  confusion.forEach((row, i) => {
    const sum = Math.max(1, row.reduce((total, x) => total + x, 0));
    row.forEach((count, j) => {
      const at = { left: left + j * cell, top: MARGIN + i * cell, width: cell, height: cell };
      fillRectangle(canvas, at, shade(count / sum));
    });
  });
  names.forEach((name, i) => {
    const top = MARGIN + i * cell + Math.floor((cell - LETTER.height) / 2) + 1;
    drawText(canvas, name, { left: MARGIN, top });
  });
  return encodePng(canvas.pixels, size);
}

/** From nearly white at 0 to dark blue at 1; a share that is not 0 is seen. */
function shade(share: number): Colour {
  if (share === 0) return [244, 246, 250];
  const depth = 0.15 + 0.85 * share;
  const between = (light: number, dark: number) => Math.round(light + (dark - light) * depth);
  return [between(224, 8), between(232, 48), between(248, 107)];
}

function check(confusion: Confusion, classes: readonly string[]): void {
  if (confusion.length === classes.length) return;
  throw new TypeError(
    `Cannot show a confusion matrix of ${confusion.length} rows for ${classes.length} classes`,
  );
}
