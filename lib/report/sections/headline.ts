/** What came of the runs, in one table, and how it was measured. */
import type { DatasetInspection } from "../../inspect/mod.ts";
import { duration, figure, percent } from "../figures.ts";
import { type Html, html } from "../html.ts";
import type { RunData } from "../run_data.ts";
import { median, smoothed, smoothingWindow } from "../series.ts";

/** A row of the table: what is told of each run. */
type Row = readonly [name: string, of: (run: RunData) => string];

const NONE = "\u2013";

const ROWS: readonly Row[] = [
  [
    "Method",
    ({ config, files }) =>
      config === null ? files.command : `${config.method}, ${config.masking.sampling} sampling`,
  ],
  ["Encoder", ({ facts }) => {
    if (facts === null) return NONE;
    const { width, depth, heads, patch, imageSize } = facts.model;
    return `${width} wide, ${depth} blocks, ${heads} heads; ${imageSize} px in patches of ${patch}`;
  }],
  ["Trained", (run) => {
    const { facts } = run;
    const steps = lastStep(run);
    if (facts === null) return `${figure(steps)} steps`;
    const { schedule } = facts;
    const epochs = figure(steps / schedule.stepsPerEpoch);
    return `${figure(steps)} of ${figure(schedule.steps)} steps, ${epochs} epochs`;
  }],
  ["Recon\u00adstruction loss", (run) => {
    const points = run.series.get("rec");
    if (points === undefined) return NONE;
    return figure(smoothed(points, smoothingWindow(points.length)).at(-1)!.value);
  }],
  ["Held-out recon\u00adstruction loss", ({ series }) => {
    const last = series.get("val_rec")?.at(-1);
    return last === undefined ? NONE : figure(last.value);
  }],
  ["Throughput (median)", ({ series }) => {
    const rates = series.get("images_per_second");
    return rates === undefined
      ? NONE
      : `${figure(median(rates.map(({ value }) => value)))} images/s`;
  }],
  ["Time in steps", (run) => {
    const seconds = secondsOf(run);
    return seconds === null ? NONE : duration(seconds);
  }],
  ["Wait for data (mean)", ({ series }) => {
    const waits = series.get("data_wait");
    if (waits === undefined) return NONE;
    return percent(waits.reduce((sum, { value }) => sum + value, 0) / waits.length);
  }],
  ["Peak memory", ({ series }) => {
    const memory = series.get("memory");
    if (memory === undefined) return NONE;
    return `${figure(memory.reduce((most, { value }) => Math.max(most, value), 0) / 1e9)} GB`;
  }],
];

/** The section. @param datasets what lies behind the runs now, by path. */
export function headlineSection(
  runs: readonly RunData[],
  datasets: ReadonlyMap<string, DatasetInspection | null>,
): Html {
  const protocols = [...new Set(runs.flatMap(({ probes }) => probes.map((x) => x.what)))];
  const probeRows = protocols.map((protocol): Row => [
    protocol,
    ({ probes }) => {
      const found = probes.filter((probe) => probe.what === protocol);
      return found.length === 0 ? NONE : found.map(showAccuracy).join("; ");
    },
  ]);
  const rows = [...probeRows, ...ROWS];
  return html`
    <section aria-labelledby="results">
      <h2 id="results">Results</h2>
      <div class="scroll" role="region" tabindex="0" aria-label="Results of the runs">
        <table class="headline">
          <caption>Results; figures of training are of the last line of each run's metrics</caption>
          <thead>
            <tr><th scope="col"></th>${runs.map(({ name }) =>
              html`<th scope="col">${name}</th>`
            )}</tr>
          </thead>
          <tbody>${rows.map(([name, of]) =>
            html`<tr><th scope="row">${name}</th>${
              runs.map((run) => html`<td>${of(run)}</td>`)
            }</tr>`
          )}</tbody>
        </table>
      </div>
      <p
        class="faint">The reconstruction loss is the mean squared error over masked patches while training (random crops and
    flips; mean over the last steps), each patch normalised by its own mean and deviation unless the configuration
    says otherwise; predicting each patch's mean gives about 1. Held out: all whole micro-batches of the dataset's
    <code>val</code> split, central crops, the same masks every time. Losses of runs with different masks or patches do not compare;
    accuracies do.</p>
      <ul class="faint">${runs.map((run) =>
        html`<li>${run.name}: ${showDataset(run, datasets)}</li>`
      )}</ul>
    </section>
  `;
}

function showAccuracy({ top1, deviation, interval, images }: RunData["probes"][number]): string {
  const [low, high] = interval.map((share) => (100 * share).toFixed(1));
  const seeds = deviation === null ? "" : ` \u00b1 ${(100 * deviation).toFixed(1)} over seeds`;
  return `${percent(top1)}${seeds} (95% interval ${low} to ${high}, ${images} images)`;
}

function showDataset(
  { files: { dataset } }: RunData,
  datasets: ReadonlyMap<string, DatasetInspection | null>,
): string {
  if (dataset === null) return "the dataset is not told";
  const found = datasets.get(dataset.path) ?? null;
  const digest = `manifest ${dataset.sha256.slice(0, 12)}`;
  if (found === null) return `dataset ${dataset.path}, ${digest}; it is not there now`;
  const splits = Object.entries(found.splits)
    .map(([split, { images }]) => `${images.toLocaleString("en-US")} ${split}`).join(", ");
  const changed = found.sha256 === dataset.sha256 ? "" : "; what lies there now is another dataset";
  return `dataset ${dataset.path}, ${digest}${changed}: images ${splits}`;
}

function lastStep({ lines }: RunData): number {
  return lines.at(-1)!.step;
}

/** Seconds of all steps; null where the rate is not told. */
function secondsOf({ facts, series }: RunData): number | null {
  const rates = series.get("images_per_second");
  if (facts === null || rates === undefined) return null;
  const images = facts.batch * facts.accumulate;
  return rates.reduce((sum, { value }) => sum + images / value, 0);
}
