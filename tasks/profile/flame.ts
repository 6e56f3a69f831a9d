/** A flame view of a profile as one HTML file: widths are times, a click zooms, no script or style from elsewhere. */
import type { PlacedNode } from "./phases.ts";

interface Frame {
  readonly name: string;
  microseconds: number;
  readonly children: Map<string, Frame>;
}

/** Phase, layer and op of every node as nested frames. */
function frames(nodes: readonly PlacedNode[]): Frame {
  const root: Frame = { name: "step", microseconds: 0, children: new Map() };
  for (const { phase, layer, op, microseconds } of nodes) {
    let frame = root;
    frame.microseconds += microseconds;
    for (const name of [phase, ...layer.split("/").filter(Boolean), op]) {
      let child = frame.children.get(name);
      if (child === undefined) {
        child = { name, microseconds: 0, children: new Map() };
        frame.children.set(name, child);
      }
      child.microseconds += microseconds;
      frame = child;
    }
  }
  return root;
}

const escape = (text: string) =>
  text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!);

/** A frame and those in it, widths as shares of the parent. */
function render(frame: Frame, parent: number, perStep: (microseconds: number) => string): string {
  const share = 100 * frame.microseconds / parent;
  const label = `${frame.name}: ${perStep(frame.microseconds)}`;
  const inner = [...frame.children.values()].sort((a, b) => b.microseconds - a.microseconds)
    .map((child) => render(child, frame.microseconds, perStep)).join("");
  const hue = [...frame.name].reduce((h, c) => (h * 31 + c.charCodeAt(0)) % 360, 7);
  return `<div class="frame" style="width:${share.toFixed(4)}%">` +
    `<button title="${escape(label)}" style="--hue:${hue}">${escape(label)}</button>` +
    `<div class="row">${inner}</div></div>`;
}

/**
 * The page.
 *
 * @param title what was profiled.
 * @param steps that the nodes' times add up; the page shows one step's.
 */
export function flamePage(title: string, nodes: readonly PlacedNode[], steps: number): string {
  const perStep = (microseconds: number) => `${(microseconds / 1000 / steps).toFixed(2)} ms`;
  const root = frames(nodes);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<style>
  :root { color-scheme: light dark; font: 13px/1.4 system-ui, sans-serif; }
  body { margin: 1rem; }
  .row { display: flex; }
  .frame { min-width: 0; flex: none; overflow: hidden; }
  .frame.hidden { display: none; }
  button { width: 100%; height: 22px; padding: 0 3px; border: 0; border-right: 1px solid Canvas; overflow: hidden; white-space: nowrap;
    text-overflow: ellipsis; text-align: left; font: inherit; cursor: pointer; color: #111; background: hsl(var(--hue) 65% 72%); }
  button:focus-visible { outline: 2px solid Highlight; outline-offset: -2px; }
</style></head>
<body><h1>${escape(title)}</h1>
<p>Time in kernels of one step, by phase, layer and op. A click on a frame zooms to it, a click on the top frame back.</p>
<div class="row">${render(root, root.microseconds, perStep)}</div>
<script>
  const all = [...document.querySelectorAll(".frame")];
  const widths = new Map(all.map((frame) => [frame, frame.style.width]));
  document.body.addEventListener("click", ({ target }) => {
    const chosen = target.closest("button")?.parentElement;
    if (!chosen) return;
    for (const frame of all) {
      const onPath = frame.contains(chosen);
      frame.classList.toggle("hidden", !onPath && !chosen.contains(frame));
      frame.style.width = onPath ? "100%" : widths.get(frame);
    }
  });
</script></body></html>
`;
}
