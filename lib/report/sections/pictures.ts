/** Reconstructions beside originals, attention and masks over training, nearest neighbours. */
import type { PretrainConfig } from "../../recipes/mod.ts";
import { type ColourMapName, colourOf, drawPanel, type Panel, PANELS } from "../../visual/mod.ts";
import type { View } from "../../visual/mod.ts";
import { figure } from "../figures.ts";
import { type Html, html, raw } from "../html.ts";
import { type ImageMaker, isPixelArt } from "../image.ts";
import { type Featured, neighboursOf, type RunLooks } from "../looks.ts";

/** A run that was looked through. */
export interface LookedRun {
  readonly name: string;
  readonly config: PretrainConfig;
  readonly seen: RunLooks;
}

const HEADINGS: Readonly<Record<Panel, string>> = {
  original: "original",
  masked: "masked",
  reconstructed: "recon\u00adstructed",
  attention: "CLS attention",
  probability: "masking proba\u00adbility",
};

/** Which neighbour, after the nearest. */
const ORDINALS = ["1st", "2nd", "3rd", "4th", "5th"] as const;

/** The same where there is little room. */
const SHORT = { reconstructed: "picture", attention: "attention", probability: "masking" } as const;

/** Images whose maps are followed over training; images whose neighbours are shown, and how many of each. */
const FOLLOWED = 3;
const NEIGHBOURS = { images: 6, each: 5 } as const;

/** Reconstructions of each run's last checkpoint. */
export function reconstructionsSection(runs: readonly LookedRun[], maker: ImageMaker): Html {
  return html`<section aria-labelledby="reconstructions"><h2 id="reconstructions">Reconstructions</h2>
<p>Images of the ${
    runs[0]!.seen.split
  } split through each run's last checkpoint; the draws of the masks are the same for all runs. Masked patches are grey;
in the reconstruction visible patches are pasted. Attention of CLS ${
    ramp("inferno")
  } is a mean over heads and blocks, from 0
to the image's greatest. Masking probability ${
    ramp("viridis")
  } is how often a patch is masked over 256 draws, from 0 to 1.</p>
${
    runs.map(({ name, config, seen }) => {
      const last = seen.looks.at(-1)!;
      const true_ = config.normPixLoss
        ? " The model predicts patches without mean and deviation; those of the true patch are put back."
        : "";
      return html`
        <h3>${name}, step ${last.step}</h3>
        <p class="faint">${config.masking.ratio * 100}% masked by ${config.masking
          .sampling} sampling.${true_}</p>
        <table class="pictures ${sizeClass(config)}">
          <caption>Reconstructions of ${name} at step ${last.step}</caption>
          <thead>
            <tr>${PANELS.map((panel) => html`<th scope="col">${HEADINGS[panel]}</th>`)}</tr>
          </thead>
          <tbody>${last.views.map((view) => viewRow(view, config, maker))}</tbody>
        </table>
      `;
    })
  }</section>`;
}

function viewRow(view: View, config: PretrainConfig, maker: ImageMaker): Html {
  const under: Readonly<Partial<Record<Panel, string>>> = {
    original: view.picture.label ?? "",
    reconstructed: `error ${figure(view.error)}`,
  };
  return html`<tr>${
    PANELS.map((panel) =>
      html`<td>${panelImage(panel, view, { config, maker })}<span>${under[panel] ?? ""}</span></td>`
    )
  }</tr>`;
}

function panelImage(
  panel: Panel,
  view: View,
  { config, maker }: { config: PretrainConfig; maker: ImageMaker },
): Html {
  const what = view.picture.label ?? view.picture.name;
  const hidden = view.masked.reduce((a, b) => a + b, 0);
  const alt: Readonly<Record<Panel, string>> = {
    original: `original: ${what}`,
    masked: `${what} with ${hidden} of ${view.masked.length} patches hidden`,
    reconstructed: `${what} reconstructed, error ${figure(view.error)}`,
    attention: `where CLS looks in ${what}`,
    probability: `how often each patch of ${what} is masked`,
  };
  const options = { patch: config.model.patch, paste: true };
  return maker.element(drawPanel(panel, view, options), alt[panel]);
}

/** Maps of some images at several checkpoints. */
export function overTrainingSection(runs: readonly LookedRun[], maker: ImageMaker): Html {
  const panels = ["reconstructed", "attention", "probability"] as const;
  return html`<section aria-labelledby="over-training"><h2 id="over-training">Over training</h2>
<p>The same images and draws at ${
    runs.some(({ seen }) => seen.looks.length > 1)
      ? "several checkpoints"
      : "the one checkpoint there is"
  } of each run.</p>
${
    runs.map(({ name, config, seen: { looks } }) =>
      html`
        <h3>${name}</h3>
        <table class="pictures steps ${sizeClass(config)}">
          <caption>Reconstruction, attention and masking probability of ${name} over training</caption>
          <thead>
            <tr><th scope="col" class="what">step</th>${looks.map(({ step }) =>
              html`<th scope="col">${step.toLocaleString("en-US")}</th>`
            )}</tr>
          </thead>
          <tbody>${looks[0]!.views.slice(0, FOLLOWED).map((_, i) =>
            panels.map((panel) =>
              html`<tr><th scope="row" class="what">${SHORT[panel]}</th>${
                looks.map(({ views }) =>
                  html`<td>${panelImage(panel, views[i]!, { config, maker })}</td>`
                )
              }</tr>`
            )
          )}</tbody>
        </table>
      `
    )
  }</section>`;
}

/** The images that are nearest to some, by each run's features. */
export function neighboursSection(runs: readonly LookedRun[], maker: ImageMaker): Html {
  return html`<section aria-labelledby="neighbours"><h2 id="neighbours">Nearest neighbours</h2>
<p>By the cosine of the features (CLS after the last norm, no labels used) among the ${
    runs[0]!.seen.featured.pictures.length
  } images of the map below. Bold: the same class.</p>
${
    runs.map(({ name, config, seen: { featured } }) =>
      html`
        <h3>${name}</h3>
        <table class="pictures ${sizeClass(config)}">
          <caption>Images and their nearest neighbours in ${name}</caption>
          <thead>
            <tr><th scope="col">image</th>${Array.from(
              { length: NEIGHBOURS.each },
              (_, i) => html`<th scope="col">${i === 0 ? "nearest" : ORDINALS[i]!}</th>`,
            )}</tr>
          </thead>
          <tbody>${queriesOf(featured).map((query) =>
            neighbourRow(featured, query, { config, maker })
          )}</tbody>
        </table>
      `
    )
  }</section>`;
}

function neighbourRow(
  featured: Featured,
  query: number,
  { config, maker }: { config: PretrainConfig; maker: ImageMaker },
): Html {
  const size = config.model.imageSize;
  const own = featured.pictures[query]!;
  const cell = (i: number, alt: string) => {
    const { pixels } = featured.pictures[i]!;
    return maker.element({ pixels, width: size, height: size }, alt);
  };
  const name = (i: number) => featured.pictures[i]!.label ?? "";
  return html`<tr><td>${cell(query, `image: ${name(query) || own.name}`)}<span>${
    name(query)
  }</span></td>${
    neighboursOf(featured, query, NEIGHBOURS.each).map(({ index, similarity }) => {
      const isSame = own.label !== null && featured.pictures[index]!.label === own.label;
      const alt = `neighbour: ${name(index) || featured.pictures[index]!.name}`;
      return html`<td${raw(isSame ? ' class="same"' : "")}>${cell(index, alt)}<span>${
        name(index)
      } ${similarity.toFixed(2)}</span></td>`;
    })
  }</tr>`;
}

/** Evenly among the images: of different classes where they are sorted by class. */
function queriesOf({ pictures }: Featured): number[] {
  const count = Math.min(NEIGHBOURS.images, pictures.length);
  return Array.from({ length: count }, (_, i) => Math.floor((i + 0.5) * pictures.length / count));
}

function sizeClass({ model }: PretrainConfig): string {
  return isPixelArt(model.imageSize) ? "small" : "large";
}

/** A strip of a map's colours, for a text. */
function ramp(map: ColourMapName): Html {
  const stops = Array.from({ length: 9 }, (_, i) => `rgb(${colourOf(map, i / 8).join(" ")})`);
  return html`
    <span class="ramp" role="presentation"
      style="background:linear-gradient(to right,${stops.join(",")})"></span>
  `;
}
