/** The table of rates, in Markdown. */
import type { RateRow } from "./rates.ts";

const HEADINGS = [
  "configuration",
  "method",
  "precision",
  "batch",
  "images/s",
  "TFLOP/s",
  "of peak",
  "GiB",
  "step ms",
  "wait",
  "copy",
  "gradient",
  "finish",
  "update",
  "launching",
  "gap",
];

/** All rows under one heading, with PyTorch's columns if it was asked for. What is not known is `-`. */
export function rateTable(rows: readonly RateRow[]): string {
  const hasPeer = rows.some(({ peer }) => peer !== null);
  const lines = [
    [...HEADINGS, ...hasPeer ? ["PyTorch images/s", "ratio"] : []],
    ...rows.map((row) => cells(row, hasPeer)),
  ];
  const widths = lines[0]!.map((_, column) =>
    Math.max(...lines.map((line) => line[column]!.length))
  );
  const show = (line: readonly string[]) =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [show(lines[0]!), rule, ...lines.slice(1).map(show)].join("\n");
}

function cells({ task, figures, tflops, share, peer }: RateRow, hasPeer: boolean): string[] {
  const { name, method, precision, batch } = task;
  const ms = (seconds: number | undefined) => seconds === undefined ? "-" : figure(1000 * seconds);
  const times = figures?.times;
  const peerRate = peer === null || typeof peer === "string" ? null : peer.img_s;
  return [
    name,
    method,
    precision,
    String(batch),
    figure(figures?.images_s),
    figure(tflops),
    share === null ? "-" : `${(100 * share).toFixed(1)}%`,
    figures === null ? "-" : (figures.memory_bytes / 2 ** 30).toFixed(2),
    ms(figures?.step_s),
    ms(times?.wait),
    ms(times?.copy),
    ms(times?.gradient),
    ms(times?.finish),
    ms(times?.update),
    ms(times?.launching),
    ms(times?.gap),
    ...hasPeer
      ? [
        figure(peerRate),
        peerRate === null || figures === null ? "-" : (figures.images_s / peerRate).toFixed(2),
      ]
      : [],
  ];
}

/** Three digits. */
function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return "-";
  if (value === 0) return "0";
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : value >= 1 ? 2 : 3);
}
