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
  const rows = lines.map(({ row, name, figure, unit, ours, peer, ratio }) => [
    row,
    name,
    unit === "" ? figure : `${figure}, ${unit}`,
    showSpread(ours),
    peer === null ? "" : `${showSpread(peer)} ${peer.name}`,
    ratio === null ? "" : showSpread(ratio, (value) => value.toFixed(2)),
  ]);
  const widths = HEAD.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [line(HEAD), line(rule), ...rows.map(line)].join("\n");
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
