import assert from "node:assert/strict";
import { page } from "../../lib/report/page.ts";
import type { RunData } from "../../lib/report/run_data.ts";
import { curvesSection } from "../../lib/report/sections/curves.ts";
import { DEFAULT_SMOOTHING, SMOOTHINGS } from "../../lib/report/smoothing.ts";

/** Curves of a run of 200 steps, as far as they are looked at. */
function curves(hasControl: boolean): string {
  const points = Array.from({ length: 200 }, (_, i) => ({ step: i + 1, value: 2 + i % 7 }));
  const run = { name: "a", series: new Map([["rec", points], ["lr", points]]), config: null };
  return curvesSection([run as unknown as RunData], {
    group: "learning",
    id: "learning",
    title: "Learning",
    note: "",
    hasControl,
  }).text;
}

/** The d of the paths of a choice's line. */
function pathOf(text: string, level: number): string | undefined {
  const mark = new RegExp(`<g[^>]*class="smoothing smoothing-${level}"[^>]*>(.*?)</g>`, "s").exec(
    text,
  );
  return /\bd="([^"]*)"/.exec(mark?.[1] ?? "")?.[1];
}

Deno.test("curvesSection() draws a line for each choice of smoothing, and says what it is", () => {
  const text = curves(true);
  const paths = SMOOTHINGS.map((_, level) => pathOf(text, level));
  assert.equal(new Set(paths).size, SMOOTHINGS.length);
  assert.ok(paths.every((path) => path !== undefined));
  assert.match(text, /smoothing-0">[^<]*Not smoothed\./);
  assert.match(text, /smoothing-2">[^<]*mean over 8 steps/);
  assert.match(text, /smoothing-3">[^<]*mean over 25 steps/);
});

Deno.test("the choice of smoothing is of labelled radio buttons, once, and needs no script", () => {
  const text = curves(true);
  assert.match(text, /<fieldset[^>]*>\s*<legend>Smoothing<\/legend>/);
  const buttons = [
    ...text.matchAll(
      /<label\s*><input type="radio" name="smoothing" id="smoothing-(\d)"\s*(checked)?\s*>\s*(\w+)\s*<\/label\s*>/g,
    ),
  ];
  assert.deepEqual(buttons.map(([, , , name]) => name), ["none", "light", "medium", "strong"]);
  const chosen = buttons.filter(([, , checked]) => checked !== undefined).map(([, level]) =>
    +level!
  );
  assert.deepEqual(chosen, [DEFAULT_SMOOTHING]);
  assert.doesNotMatch(curves(false), /fieldset/);
  const style = page({ title: "", summary: "", sections: [], footer: "" });
  assert.doesNotMatch(style, /<script/);
  for (const level of SMOOTHINGS.keys()) {
    assert.ok(style.includes(`body:has(#smoothing-${level}:checked) .smoothing-${level}`));
  }
});
