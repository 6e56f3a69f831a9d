/** The reader's choice of smoothing: radio buttons and style rules, so that the page runs no script. */
import { type Html, html } from "./html.ts";

/** How much curves may be smoothed: the points of a mean over those of the run. */
export const SMOOTHINGS = [
  { name: "none", share: 0 },
  { name: "light", share: 1 / 100 },
  { name: "medium", share: 1 / 25 },
  { name: "strong", share: 1 / 8 },
] as const;

/** The one that is chosen at first, and of which figures and tables are. */
export const DEFAULT_SMOOTHING = 2;

/** Class of what is seen with one of {@linkcode SMOOTHINGS} only. */
export function smoothingClass(level: number): string {
  return `smoothing smoothing-${level}`;
}

/** The radio buttons; there is one set of them on a page. */
export function smoothingControl(): Html {
  return html`
    <fieldset class="choice">
      <legend>Smoothing</legend>
      ${SMOOTHINGS.map(({ name }, level) =>
        html`<label><input type="radio" name="smoothing" id="smoothing-${level}"${
          level === DEFAULT_SMOOTHING
            ? html`
              checked
            `
            : null
        }> ${name}</label>`
      )}
    </fieldset>
  `;
}

const shown = (condition: (level: number) => string) =>
  SMOOTHINGS.map((_, level) => `${condition(level)} .smoothing-${level}`).join(", ");

/** Rules that show what is chosen; in a browser without `:has`, what is chosen at first. */
export const SMOOTHING_STYLE = `
.smoothing { display: none; }
${shown((level) => `body:has(#smoothing-${level}:checked)`)} { display: inline; }
@supports not selector(:has(*)) { .choice { display: none; } .smoothing-${DEFAULT_SMOOTHING} { display: inline; } }
.choice { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; border: 1px solid var(--line); border-radius: 8px; padding: .2rem .8rem .45rem;
  margin: .6rem 0 1rem; width: fit-content; max-width: 100%; min-width: 0; font-size: .9rem; }
.choice legend { padding: 0 .3rem; color: var(--faint); }
.choice label { display: inline-flex; align-items: center; gap: .4rem; cursor: pointer; padding: .15rem 0; }
.choice input { accent-color: var(--accent); width: 1.05rem; height: 1.05rem; margin: 0; }
`;
