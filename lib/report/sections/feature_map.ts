/** Features in the plane, coloured by class. */
import * as Plot from "@observablehq/plot";
import { chart, dataTable } from "../chart.ts";
import { CLASS_COLOURS, classColour } from "../colours.ts";
import { figure, percent } from "../figures.ts";
import { type Html, html } from "../html.ts";
import { type Featured, neighboursOf } from "../looks.ts";
import { type Plane, principalPlane } from "../pca.ts";
import type { LookedRun } from "./pictures.ts";

/** Shapes of the classes, so that they differ without colour as well. */
const SYMBOLS = ["circle", "square", "triangle", "diamond", "cross", "star", "wye"] as const;

/** The section. */
export function featureMapSection(runs: readonly LookedRun[]): Html {
  const { pictures } = runs[0]!.seen.featured;
  const classes = classesOf(pictures.map(({ label }) => label));
  return html`<section aria-labelledby="features"><h2 id="features">Map of features</h2>
<p>CLS after the last norm of ${pictures.length} images of the ${
    runs[0]!.seen.split
  } split, projected onto the two directions in which they vary most
(principal components). Classes are only used for the colours.</p>${legend(classes)}
<div class="charts">${runs.map((run) => mapChart(run, classes))}</div></section>`;
}

/** Names in order; the most frequent first where there are more than have colours. */
function classesOf(labels: readonly (string | null)[]): string[] {
  const counts = new Map<string, number>();
  for (const label of labels) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  const names = [...counts.keys()].sort();
  return names.length <= CLASS_COLOURS
    ? names
    : names.toSorted((a, b) => counts.get(b)! - counts.get(a)!);
}

function legend(classes: readonly string[]): Html | null {
  if (classes.length === 0) return null;
  const others = classes.length - CLASS_COLOURS;
  return html`<ul class="legend" aria-label="Classes">${
    classes.slice(0, CLASS_COLOURS).map((name, i) => html`<li>${swatch(i)}${name}</li>`)
  }${others > 0 ? html`<li>${swatch(-1)}${others} other classes</li>` : null}</ul>`;
}

function swatch(i: number): Html {
  const symbol = SYMBOLS[Math.max(0, i) % SYMBOLS.length]!;
  return html`<svg viewBox="-7 -7 14 14" aria-hidden="true" style="width:14px">${
    shape(symbol, classColour(i))
  }</svg>`;
}

function shape(symbol: string, colour: string): Html {
  const paths: Readonly<Record<string, string>> = {
    circle: "M-4.5,0a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0Z",
    square: "M-4,-4h8v8h-8Z",
    triangle: "M0,-5L5,4H-5Z",
    diamond: "M0,-5.5L4,0L0,5.5L-4,0Z",
    cross: "M-1.6,-5h3.2v3.4h3.4v3.2h-3.4v3.4h-3.2v-3.4h-3.4v-3.2h3.4Z",
    star: "M0,-6L1.5,-1.8L5.8,-1.8L2.3,.8L3.6,5L0,2.4L-3.6,5L-2.3,.8L-5.8,-1.8L-1.5,-1.8Z",
    wye: "M0,0L1.6,-1V-5H-1.6V-1L-5,1L-3.4,3.8L0,1.8L3.4,3.8L5,1L1.6,-1Z",
  };
  return html`
    <path d="${paths[symbol] ?? paths.circle!}" style="fill:${colour}" />
  `;
}

function mapChart({ name, seen: { featured } }: LookedRun, classes: readonly string[]): Html {
  const plane = principalPlane(featured.values, featured.width);
  const dots = featured.pictures.map(({ label }, i) => {
    const at = label === null ? -1 : classes.indexOf(label);
    const index = at >= CLASS_COLOURS ? -1 : at;
    return { x: plane.points[2 * i]!, y: plane.points[2 * i + 1]!, index };
  });
  const groups = [...new Set(dots.map(({ index }) => index))].sort((a, b) => a - b);
  const [first, second] = plane.shares;
  const agreement = agreementOf(featured);
  return chart({
    height: 380,
    x: { label: `first direction, ${percent(first)} of the variance`, ticks: 5 },
    y: { label: `second, ${percent(second)}`, ticks: 5 },
    marks: groups.map((index) =>
      Plot.dot(dots.filter((dot) => dot.index === index), {
        x: "x",
        y: "y",
        r: 2.6,
        fill: classColour(index),
        fillOpacity: 0.8,
        symbol: SYMBOLS[Math.max(0, index) % SYMBOLS.length]!,
      })
    ),
  }, {
    title: name,
    note: agreement === null
      ? "The images have no classes."
      : `The nearest other image has the same class for ${percent(agreement)} of them (cosine; ${
        percent(1 / classes.length)
      } by chance among equal classes).`,
    label: `Scatter chart of the features of ${featured.pictures.length} images in ${name}, ` +
      `${classes.length} classes`,
    data: centresTable(classes, { featured, plane }),
  });
}

/** Share of the images whose nearest other image is of their class; null without classes. */
function agreementOf(featured: Featured): number | null {
  const { pictures } = featured;
  if (pictures.length < 2 || pictures.every(({ label }) => label === null)) return null;
  const same = pictures.filter(({ label }, i) => {
    const [nearest] = neighboursOf(featured, i, 1);
    return label !== null && pictures[nearest!.index]!.label === label;
  });
  return same.length / pictures.length;
}

function centresTable(
  classes: readonly string[],
  { featured, plane: { points } }: { featured: Featured; plane: Plane },
): Html {
  const rows = classes.map((name) => {
    const own = featured.pictures.flatMap(({ label }, i) => label === name ? [i] : []);
    const mean = (axis: number) =>
      own.reduce((sum, i) => sum + points[2 * i + axis]!, 0) / own.length;
    return [name, own.length, figure(mean(0)), figure(mean(1))];
  });
  return dataTable("Centres of the classes", ["class", "images", "first", "second"], rows);
}
