/** Which classes are taken for which. */
import * as Plot from "@observablehq/plot";
import { chart, dataTable } from "../chart.ts";
import { percent } from "../figures.ts";
import { type Html, html } from "../html.ts";
import type { ProbeResult } from "../probes.ts";
import type { RunData } from "../run_data.ts";

/** Classes up to which every cell has its number, and up to which names fit. */
const NUMBERED = 12;
const NAMED = 30;

/** Rows of the table of what is confused most. */
const WORST = 12;

/** The section; null where no run has a matrix. */
export function confusionSection(runs: readonly RunData[]): Html | null {
  const charts = runs.flatMap(({ name, probes }) =>
    probes.map((probe) => matrixChart(name, probe))
  );
  if (charts.length === 0) return null;
  return html`
    <section aria-labelledby="confusion">
      <h2 id="confusion">Confusion</h2>
      <p>Shares of each class's images (rows) by the class that they were taken for (columns).</p>
      <div class="charts">${charts}</div>
    </section>
  `;
}

function matrixChart(run: string, probe: ProbeResult): Html {
  const { classes, confusion, what } = probe;
  const size = classes.length;
  const cells = confusion.flatMap((row, i) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((count, j) => {
      return { from: classes[i]!, to: classes[j]!, count, share: total > 0 ? count / total : 0 };
    });
  });
  const longest = Math.max(...classes.map((name) => name.length));
  const names = size <= NAMED ? {} : { ticks: [] };
  const room = size <= NAMED ? Math.min(110, 14 + 6.4 * longest) : 24;
  const wrong = cells.filter(({ from, to, count }) => from !== to && count > 0)
    .sort((a, b) => b.share - a.share).slice(0, WORST);
  return chart({
    height: 440,
    marginLeft: room,
    marginTop: 12,
    marginBottom: room,
    x: { domain: classes, label: null, tickRotate: -90, ...names },
    y: { domain: classes, label: null, ...names },
    color: { range: ["var(--card)", "var(--run-0)"], type: "linear", domain: [0, 1] },
    marks: [
      Plot.cell(cells, {
        x: "to",
        y: "from",
        fill: "var(--run-0)",
        fillOpacity: (cell: { share: number }) => cell.share,
        inset: size <= NAMED ? 0.5 : 0,
      }),
      ...size <= NUMBERED
        ? [Plot.text(cells.filter(({ share }) => share >= 0.005), {
          x: "to",
          y: "from",
          text: (cell: { share: number }) => String(Math.round(100 * cell.share)),
          fontSize: 10,
        })]
        : [],
    ],
  }, {
    title: `${run}: ${what}`,
    note: `Top-1 ${percent(probe.top1)}.${size <= NUMBERED ? " Numbers are per cent." : ""}`,
    label: `Confusion matrix of ${size} classes, ${what}; on the diagonal ${percent(probe.top1)}`,
    data: dataTable(
      "What is confused most",
      ["class", "taken for", "images", "share"],
      wrong.map(({ from, to, count, share }) => [from, to, count, percent(share)]),
    ),
  });
}
