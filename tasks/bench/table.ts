/** The one table that all rows of the benchmark go into. */
import type { Spread } from "./statistics.ts";

/** One figure of one case. */
export interface Line {
  /** Kind of row, as `--rows` names it. */
  readonly row: string;
  /** What was measured. */
  readonly name: string;
  readonly figure: string;
  readonly unit: string;
  readonly ours: Spread;
  /** With a peer that has the figure. */
  readonly peer: (Spread & { readonly name: string }) | null;
  /** Ours over the peer's, pair by pair. */
  readonly ratio: Spread | null;
}

const HEAD = ["row", "what", "figure", "ours", "peer", "ours / peer"] as const;

/** The lines as a Markdown table; in brackets the range. */
export function showTable(lines: readonly Line[]): string {
  const rows = lines.map(cellsOf);
  const widths = HEAD.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [line(HEAD), line(rule), ...rows.map(line)].join("\n");
}

/** A line by itself, as it is known: `train, vit_tiny: rate, images/s: 116 (115-117); 77.1 PyTorch; ratio 1.51`. */
export function showLine(line: Line): string {
  const [row, name, figure, ours, peer, ratio] = cellsOf(line);
  return `${row}, ${name}: ${figure}: ${ours}` + (peer === "" ? "" : `; ${peer}; ratio ${ratio}`);
}

/** What the columns of {@linkcode HEAD} hold. */
function cellsOf({ row, name, figure, unit, ours, peer, ratio }: Line) {
  return [
    row,
    name,
    unit === "" ? figure : `${figure}, ${unit}`,
    showSpread(ours),
    peer === null ? "" : `${showSpread(peer)} ${peer.name}`,
    ratio === null ? "" : showSpread(ratio, (value) => value.toFixed(2)),
  ] as const;
}

/** `4.45 (4.40-4.51)`; the median alone where the range is nothing. */
export function showSpread(
  { median, least, greatest }: Spread,
  show: (value: number) => string = showFigure,
): string {
  const range = `${show(least)}-${show(greatest)}`;
  return least === greatest ? show(median) : `${show(median)} (${range})`;
}

/** Three digits, and no less than the whole number: 0.0123, 4.45, 1,383. */
function showFigure(value: number): string {
  const digits = value === 0 ? 0 : 2 - Math.floor(Math.log10(Math.abs(value)));
  return value.toLocaleString("en-US", { maximumFractionDigits: Math.max(0, digits) });
}
