/** Curves of every metric, all runs in one chart. */
import * as Plot from "@observablehq/plot";
import { chart, dataTable } from "../chart.ts";
import { runColour, runDash } from "../colours.ts";
import { type FieldText, fieldText, inOrder } from "../fields.ts";
import { figure } from "../figures.ts";
import { type Html, html } from "../html.ts";
import type { RunData } from "../run_data.ts";
import { type Point, smoothed, smoothingWindow, spread, thinned } from "../series.ts";
import { DEFAULT_SMOOTHING, smoothingClass, smoothingControl, SMOOTHINGS } from "../smoothing.ts";

/** Values that span more than so many times themselves are drawn on a logarithmic scale. */
const WIDE_RANGE = 60;

/** Rows of the table behind a chart. */
const TABLE_ROWS = 12;

/** A curve of a run. */
interface Curve {
  readonly run: string;
  readonly index: number;
  readonly raw: readonly Point[];
  /** Smoothed as it is at first. */
  readonly smooth: readonly Point[];
}

/** The section of one group of metrics. */
export function curvesSection(
  runs: readonly RunData[],
  { group, id, title, note, hasControl = false }: {
    readonly group: FieldText["group"];
    readonly id: string;
    readonly title: string;
    readonly note: string;
    /** Whether the choice of smoothing stands here; it is of all curves of the page. */
    readonly hasControl?: boolean;
  },
): Html {
  const names = inOrder(runs.flatMap(({ series }) => [...series.keys()]));
  const axis = axisOf(runs);
  const charts = names.flatMap((name) => {
    const text = fieldText(name);
    return text === null || text.group !== group ? [] : [curveChart(runs, name, { text, axis })];
  });
  return html`
    <section
      aria-labelledby="${id}"><h2 id="${id}">${title}</h2><p>${note}</p>${hasControl
        ? smoothingControl()
        : null}${legend(runs)}
    <div class="charts">${charts}</div></section>
  `;
}

/** Which line is whose. */
export function legend(runs: readonly RunData[]): Html | null {
  if (runs.length < 2) return null;
  return html`<ul class="legend" aria-label="Runs">${
    runs.map(({ name }, i) =>
      html`<li><svg viewBox="0 0 34 12" aria-hidden="true"><line x1="1" x2="33" y1="6" y2="6" stroke-width="3" style="stroke:${
        runColour(i)
      };stroke-dasharray:${runDash(i)}"/></svg>${name}</li>`
    )
  }</ul>`;
}

/** Steps, or epochs where a step is not the same part of an epoch for all. */
function axisOf(runs: readonly RunData[]): { label: string; scale: (run: number) => number } {
  const perEpoch = runs.map(({ config }) => config?.schedule.stepsPerEpoch ?? null);
  const differ = new Set(perEpoch).size > 1 && !perEpoch.includes(null);
  return differ
    ? { label: "epoch", scale: (run) => 1 / perEpoch[run]! }
    : { label: "step", scale: () => 1 };
}

function curveChart(
  runs: readonly RunData[],
  name: string,
  { text, axis }: { text: FieldText; axis: ReturnType<typeof axisOf> },
): Html {
  const { factor = 1 } = text;
  const curves = runs.flatMap(({ name: run, series }, index): Curve[] => {
    const scale = axis.scale(index);
    const points = series.get(name)?.map(({ step, value }) => {
      return { step: step * scale, value: value * factor };
    });
    if (points === undefined) return [];
    const smooth = smoothed(points, smoothingWindow(points.length));
    return [{ run, index, raw: points, smooth }];
  });
  const values = curves.flatMap(({ raw }) => raw.map(({ value }) => value));
  const [least, most] = [Math.min(...extent(values)), Math.max(...extent(values))];
  const isLog = text.group === "learning" && least > 0 && most / least > WIDE_RANGE;
  const longest = Math.max(...curves.map(({ raw }) => raw.length));
  const isSmoothed = smoothingWindow(longest) > 1 && name !== "lr";
  return chart({
    x: { label: axis.label, ticks: 5 },
    y: {
      label: text.unit || null,
      grid: true,
      nice: true,
      ...isLog ? { type: "log", ticks: 5 } : {},
    },
    marks: curves.flatMap(({ index, raw }) => marksOf(index, { raw, isSmoothed })),
  }, {
    title: text.title + (text.unit === "" ? "" : ` (${text.unit})`),
    note: html`${text.note}${isSmoothed ? smoothingNote(longest) : null}${
      isLog ? " Logarithmic scale." : null
    }`,
    label: `Line chart of ${text.title} by ${axis.label}: ` +
      curves.map(({ run, smooth }) => {
        return `${run} from ${figure(smooth[0]!.value)} to ${figure(smooth.at(-1)!.value)}`;
      }).join("; "),
    data: curveTable(curves, text, axis.label),
  });
}

/** Least and greatest, without spreading an array over a call's arguments. */
function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
}

/** What the bold line is, for each choice of smoothing. */
function smoothingNote(points: number): Html {
  const notes = SMOOTHINGS.map((_, level) => {
    const window = smoothingWindow(points, level);
    const said = window === 1 ? "Not smoothed." : `Bold: mean over ${window} steps around each.`;
    return html`<span class="${smoothingClass(level)}"> ${said}</span>`;
  });
  return html`${notes}`;
}

function marksOf(
  index: number,
  { raw, isSmoothed }: { readonly raw: readonly Point[]; readonly isSmoothed: boolean },
) {
  const line = { x: "step", y: "value", stroke: runColour(index) } as const;
  const bold = { ...line, strokeWidth: 2, strokeDasharray: runDash(index) };
  if (!isSmoothed) {
    return [
      Plot.line(thinned(raw), bold),
      ...raw.length <= 12 ? [Plot.dot(raw, { ...line, fill: runColour(index), r: 3 })] : [],
    ];
  }
  return [
    Plot.line(thinned(raw), { ...line, strokeWidth: 1, strokeOpacity: 0.28 }),
    ...SMOOTHINGS.map((_, level) => {
      const window = smoothingWindow(raw.length, level);
      const points = window === 1 ? thinned(raw) : thinned(smoothed(raw, window), 200);
      return Plot.line(points, { ...bold, render: classed(smoothingClass(level)) });
    }),
  ];
}

/** A rendering of a mark that gives it a class. */
function classed(name: string): Plot.RenderFunction {
  return (index, scales, values, dimensions, context, next) => {
    const mark = next!(index, scales, values, dimensions, context);
    // The project knows no DOM
    (mark as { setAttribute(name: string, value: string): void } | null)
      ?.setAttribute("class", name);
    return mark;
  };
}

/** Values at some steps, smoothed as the curves are at first. */
function curveTable(curves: readonly Curve[], text: FieldText, label: string): Html {
  const steps = [...new Set(curves.flatMap(({ raw }) => raw.map(({ step }) => step)))]
    .sort((a, b) => a - b);
  const rows = spread(steps, TABLE_ROWS).map((step) => [
    figure(step),
    ...curves.map(({ smooth }) => {
      const point = smooth.findLast((point) => point.step <= step);
      return point === undefined ? "" : figure(point.value);
    }),
  ]);
  return dataTable(`${text.title}, ${SMOOTHINGS[DEFAULT_SMOOTHING].name} smoothing`, [
    label,
    ...curves.map(({ run }) => run),
  ], rows);
}
