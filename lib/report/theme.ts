/** The page's style: light and dark by the reader's system, one column on a phone. */
import { COLOUR_VARIABLES } from "./colours.ts";
import { SMOOTHING_STYLE } from "./smoothing.ts";

/** All of it, for a style element. */
export const THEME = `
:root { color-scheme: light dark; --paper: #fcfcfa; --card: #fff; --ink: #1c2026; --faint: #5f6672; --line: #dfe1e5;
  --accent: #0b62b8; --mark: #fff3c4; ${COLOUR_VARIABLES.light} }
@media (prefers-color-scheme: dark) { :root { --paper: #14171c; --card: #1b1f26; --ink: #e6e8ec; --faint: #a0a7b4;
  --line: #323843; --accent: #6cb2ff; --mark: #4a3f12; ${COLOUR_VARIABLES.dark} } }
* { box-sizing: border-box; }
html { scroll-padding-top: 3.5rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; z-index: 9; background: var(--card); padding: .4rem .8rem; }
header, main, footer { max-width: 84rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 2rem; }
h1 { font-size: clamp(1.5rem, 5vw, 2.1rem); line-height: 1.2; margin: 0 0 .3rem; text-wrap: balance; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; margin: 2.6rem 0 .4rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; overflow-wrap: anywhere; }
p { margin: .4rem 0 .8rem; max-width: 48rem; }
.faint, figcaption span, caption { color: var(--faint); }
nav { position: sticky; top: 0; z-index: 3; background: var(--paper); border-bottom: 1px solid var(--line); }
nav ul { display: flex; gap: .2rem 1.1rem; max-width: 84rem; margin: 0 auto; padding: .55rem 1rem; list-style: none; overflow-x: auto;
  white-space: nowrap; }
nav a { text-decoration: none; display: inline-block; padding: .15rem 0; }
nav a:hover { text-decoration: underline; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; list-style: none; font-size: .9rem; }
.legend li { display: flex; align-items: center; gap: .45rem; }
.legend svg { width: 34px; height: 12px; flex: none; }
.charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr)); }
figure { margin: 0; }
.chart { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .8rem .8rem .5rem; min-width: 0; }
.chart svg { display: block; width: 100%; height: auto; overflow: visible; font-family: inherit; }
.chart svg text { fill: var(--ink); white-space: pre; }
figcaption { font-size: .92rem; line-height: 1.4; margin-bottom: .5rem; }
figcaption strong { display: block; }
details { margin: .5rem 0; font-size: .88rem; }
summary { cursor: pointer; color: var(--accent); padding: .2rem 0; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
caption { text-align: left; padding: .3rem 0; font-size: .85rem; }
th, td { text-align: right; padding: .3rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--faint); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; }
table.text thead th { text-align: left; }
table.text td { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 7rem; }
tr.differs th, tr.differs td { background: var(--mark); }
table.headline th, table.headline td { white-space: normal; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
table.headline td { min-width: 6.6rem; max-width: 16rem; }
table.headline tbody th { min-width: 6.6rem; max-width: 16rem; }
table.pictures { width: 100%; max-width: 62rem; table-layout: fixed; font-size: .78rem; }
table.pictures th, table.pictures td { padding: .2rem; border: 0; text-align: left; white-space: normal; vertical-align: top;
  line-height: 1.25; overflow-wrap: anywhere; }
table.pictures.steps { max-width: 46rem; }
table.pictures thead th { vertical-align: bottom; }
table.pictures img { display: block; width: 100%; height: auto; border-radius: 4px; }
table.pictures.small img { image-rendering: pixelated; }
table.pictures td.same span { font-weight: 700; color: var(--ink); }
table.pictures td span { color: var(--faint); }
table.pictures .what { width: 4.8rem; color: var(--faint); font-weight: 500; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; overflow-x: auto; font-size: .85rem;
  line-height: 1.5; }
.ramp { display: inline-block; width: 5rem; height: .7em; border-radius: 3px; vertical-align: baseline; }
footer { color: var(--faint); font-size: .88rem; padding-bottom: 3rem; margin-top: 3rem; }
${SMOOTHING_STYLE}
@media (max-width: 600px) { table.pictures .what { width: 3.6rem; } table.pictures { font-size: .68rem; } .chart { padding: .6rem .5rem .3rem; } }
@media print { nav { position: static; } .chart { break-inside: avoid; } }
`;
