/** How the runs differ, everything they were told, and how to repeat them. */
import { commandText, finetuneWords, pretrainWords } from "../command_line.ts";
import { type Html, html, raw } from "../html.ts";
import type { RunData } from "../run_data.ts";

/** Path -> value of every leaf of a configuration; a list is a leaf. */
export function leaves(value: object, prefix = ""): [path: string, value: string][] {
  return Object.entries(value).flatMap(([name, inner]): [string, string][] => {
    const path = `${prefix}${name}`;
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) {
      return leaves(inner, `${path}.`);
    }
    return [[path, Array.isArray(inner) ? inner.join(", ") : String(inner)]];
  });
}

/** The section. */
export function configurationsSection(runs: readonly RunData[]): Html {
  const all = runs.map(({ files }) => new Map(leaves(files.config)));
  const paths = [...new Set(all.flatMap((leaves) => [...leaves.keys()]))];
  const rows = paths.map((path) => {
    const values = all.map((leaves) => leaves.get(path) ?? "\u2013");
    return { path, values, differs: new Set(values).size > 1 };
  });
  const differing = rows.filter(({ differs }) => differs);
  return html`<section aria-labelledby="configurations"><h2 id="configurations">Configurations</h2>
${
    runs.length === 1
      ? null
      : differing.length === 0
      ? html`<p>All runs have the same configuration.</p>`
      : html`<h3>What differs</h3>${table(runs, differing, "Options in which the runs differ")}`
  }
<details><summary>All ${rows.length} options</summary>${table(runs, rows, "All options")}</details>
<details><summary>Versions</summary>${
    table(
      runs,
      versionRows(runs),
      "Versions of the programs",
    )
  }</details></section>`;
}

type Row = { readonly path: string; readonly values: readonly string[]; readonly differs: boolean };

function versionRows(runs: readonly RunData[]): Row[] {
  const names = [...new Set(runs.flatMap(({ files }) => Object.keys(files.versions)))];
  return names.map((path) => {
    const values = runs.map(({ files }) => files.versions[path] ?? "\u2013");
    return { path, values, differs: new Set(values).size > 1 };
  });
}

function table(runs: readonly RunData[], rows: readonly Row[], caption: string): Html {
  return html`
    <div class="scroll" role="region" tabindex="0" aria-label="${caption}">
      <table class="text">
        <caption>${caption}</caption>
        <thead>
          <tr><th scope="col">option</th>${runs.map(({ name }) =>
            html`<th scope="col">${name}</th>`
          )}</tr>
        </thead>
        <tbody>${rows.map(({ path, values, differs }) =>
          html`<tr${
            raw(differs && rows.some((row) => !row.differs) ? ' class="differs"' : "")
          }><th scope="row">${path}</th>${values.map((value) => html`<td>${value}</td>`)}</tr>`
        )}</tbody>
      </table>
    </div>
  `;
}

/** How to train each run again. */
export function repeatSection(runs: readonly RunData[]): Html {
  return html`<section aria-labelledby="repeat"><h2 id="repeat">Repeat it</h2>
<p>Of pretraining every option is said, of fine-tuning what was asked for. With the same version, dataset, kind of device and number of
threads the checkpoints have the same bytes.</p>${runs.map(repeatOne)}</section>`;
}

function repeatOne({ name, config, files }: RunData): Html {
  const folders = { data: files.dataset?.path ?? "DATASET", out: `runs/${name}-again` };
  const words = config !== null
    ? pretrainWords(config, folders)
    : files.command === "finetune"
    ? finetuneWords(files.config, folders)
    : null;
  if (words === null) {
    return html`
      <h3>${name}</h3>
      <p>A run of <code>ccmim ${files.command}</code>.</p>
    `;
  }
  return html`
    <h3>${name}</h3>
    <pre tabindex="0" aria-label="Command that repeats ${name}"><code>${commandText(
      "ccmim",
      words,
    )}</code></pre>
  `;
}
