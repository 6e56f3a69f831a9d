/** Charts as SVG, drawn by Observable Plot into a document that is none of a browser. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { type Html, html, raw } from "./html.ts";

/** Pixels of a chart; pages scale it down to their width. */
const CHART = { width: 440, height: 264 } as const;

/** What is done with a chart's root; the project knows no DOM. */
interface Svg {
  readonly outerHTML: string;
  querySelectorAll(selector: string): Iterable<{ remove(): void }>;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
}

/** What Plot is told of a chart. */
export type ChartOptions = Omit<Plot.PlotOptions, "document" | "style">;

/**
 * A chart with its caption and, behind it, its data.
 *
 * @param text.label what a screen reader says of the picture.
 * @param text.data a table of what is drawn.
 */
export function chart(
  options: ChartOptions,
  text: {
    readonly title: string;
    readonly note: Html | string;
    readonly label: string;
    readonly data: Html;
  },
): Html {
  const { title, note, label, data } = text;
  return html`<figure class="chart">
<figcaption><strong>${title}</strong>${
    note === "" ? null : html`
      <span>${note}</span>
    `
  }</figcaption>
${plotSvg(options, label)}
<details><summary>Data: ${title}</summary>${data}</details>
</figure>`;
}

/** A chart alone. Colours may be CSS variables of the page. */
function plotSvg(options: ChartOptions, label: string): Html {
  const { document } = parseHTML("<html><body></body></html>") as unknown as { document: never };
  const figure: Svg = Plot.plot({
    ...CHART,
    marginLeft: 52,
    marginRight: 14,
    marginBottom: 36,
    ...options,
    document,
    style: { fontSize: "12px" },
  });
  for (const style of figure.querySelectorAll("style")) style.remove(); // the page has its own
  figure.setAttribute("role", "img");
  figure.setAttribute("aria-label", label);
  figure.removeAttribute("width"); // as wide as there is room
  figure.removeAttribute("height");
  figure.removeAttribute("font-family");
  return raw(rounded(figure.outerHTML));
}

/** Numbers of paths and places to a tenth of a pixel: no eye sees more, and the file is a third as large. */
function rounded(svg: string): string {
  return svg.replace(/ (?:d|transform|[cxyr][xy12]?|width|height)="[^"]*"/g, (attribute) => {
    return attribute.replace(
      /-?\d+\.\d{2,}/g,
      (number) => String(Number(Number(number).toFixed(1))),
    );
  });
}

/** A table with a heading row; the first column heads its row. */
export function dataTable(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): Html {
  return html`
    <div class="scroll" role="region" tabindex="0" aria-label="${caption}">
      <table>
        <caption>${caption}</caption>
        <thead>
          <tr>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr>
        </thead>
        <tbody>${rows.map(([first, ...cells]) =>
          html`<tr><th scope="row">${first!}</th>${
            cells.map((cell) => html`<td>${cell}</td>`)
          }</tr>`
        )}</tbody>
      </table>
    </div>
  `;
}
