/**
 * Opens a report in headless Chromium, on a phone's width and a desk's, light and dark, and looks for what must not be.
 *
 *     deno task check:report [report.html] [--shots folder]
 *
 * Without a file, a small run is trained and reported on first. Fails on a console message, a request, a script's or a policy's
 * complaint, a page wider than the screen, a chart without marks, an image without text or pixels, a heading out of order, or a
 * choice of smoothing that the arrow keys do not change.
 */
import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { Browser } from "./devtools.ts";
import { makeReport } from "./make_report.ts";

/** Pixels of width and height, and the reader's taste. */
const SCREENS = [
  { width: 390, height: 844, mobile: true, scheme: "light" },
  { width: 390, height: 844, mobile: true, scheme: "dark" },
  { width: 1440, height: 900, mobile: false, scheme: "light" },
  { width: 1440, height: 900, mobile: false, scheme: "dark" },
] as const;

/** What the page says of itself: nothing in `problems` if all is well. */
interface Findings {
  readonly charts: number;
  readonly images: number;
  readonly problems: string[];
}

/** Runs within the page. */
const INSPECT = `(async () => {
  const problems = [];
  document.querySelectorAll("img").forEach((image) => { image.loading = "eager"; });
  await Promise.all([...document.images].map((image) => image.decode().catch(() => problems.push("broken image " + image.alt))));
  const charts = [...document.querySelectorAll(".chart > svg")];
  for (const svg of charts) {
    const name = svg.getAttribute("aria-label") ?? "";
    const marks = svg.querySelectorAll("[aria-label=line] path, [aria-label=dot] *, [aria-label=cell] rect");
    if (marks.length === 0) problems.push("no marks: " + name);
    for (const mark of marks) if (/NaN/.test(mark.outerHTML)) problems.push("NaN: " + name);
    if (name === "" || svg.getAttribute("role") !== "img") problems.push("chart without a label");
    const small = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim() && text.getBoundingClientRect().height < 7);
    if (small.length > 0) problems.push("text too small to read: " + name);
  }
  if (charts.length === 0) problems.push("no chart");
  for (const image of document.images) if (!image.alt) problems.push("image without text");
  if (document.documentElement.scrollWidth > innerWidth) problems.push("wider than the screen: " + document.documentElement.scrollWidth);
  const headings = [...document.querySelectorAll("h1, h2, h3")].map((heading) => Number(heading.tagName[1]));
  headings.forEach((level, i) => { if (level > (headings[i - 1] ?? 0) + 1) problems.push("heading out of order"); });
  for (const landmark of ["header", "nav", "main", "footer"]) {
    if (document.querySelectorAll("body > " + landmark).length !== 1) problems.push("landmark " + landmark);
  }
  for (const link of document.querySelectorAll("a[href^='#']")) {
    if (!document.querySelector(link.getAttribute("href"))) problems.push("dead link " + link.textContent);
  }
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) problems.push("an id twice");
  for (const table of document.querySelectorAll("table")) if (!table.caption) problems.push("table without a caption");
  return { charts: charts.length, images: document.images.length, problems };
})()`;

/** Runs within the page: what is seen of the smoothed lines, by the class of their choice. */
const SMOOTHING = `(() => {
  const choices = [...document.querySelectorAll("input[name=smoothing]")];
  const seen = (level) => {
    const all = [...document.querySelectorAll(".smoothing-" + level)];
    return all.length > 0 && all.every((mark) => getComputedStyle(mark).display !== "none");
  };
  const hidden = (level) => [...document.querySelectorAll(".smoothing-" + level)]
    .every((mark) => getComputedStyle(mark).display === "none");
  const problems = [];
  if (choices.length !== 4) problems.push("choices of smoothing: " + choices.length);
  const chosen = choices.findIndex(({ checked }) => checked);
  choices.forEach((choice, level) => {
    if (!choice.labels[0]?.textContent.trim() || !choice.closest("fieldset")?.querySelector("legend")) problems.push("a choice without a label");
    if (level === chosen ? !seen(level) : !hidden(level)) problems.push("with smoothing " + chosen + ", what is seen of " + level);
  });
  return { chosen, problems };
})()`;

/** What {@linkcode SMOOTHING} finds. */
interface Smoothing {
  readonly chosen: number;
  readonly problems: string[];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shots: { type: "string" } },
});
await using made = await makeReport(positionals[0]);
await using browser = await Browser.open();
const complaints: string[] = [];
browser.on(
  "Runtime.consoleAPICalled",
  (event) => complaints.push(`console: ${JSON.stringify(event.args)}`),
);
browser.on(
  "Runtime.exceptionThrown",
  (event) => complaints.push(`script: ${JSON.stringify(event)}`),
);
browser.on(
  "Log.entryAdded",
  ({ entry }) => complaints.push(`log: ${(entry as { text: string }).text}`),
);
const url = `file://${resolve(made.path)}`;
browser.on("Network.requestWillBeSent", ({ request }) => {
  const { url: asked } = request as { url: string };
  if (asked !== url && !asked.startsWith("data:")) complaints.push(`request: ${asked}`);
});
for (const domain of ["Page", "Runtime", "Log", "Network"]) await browser.call(`${domain}.enable`);

for (const { scheme, ...screen } of SCREENS) {
  const name = `${screen.width} px, ${scheme}`;
  await browser.call("Emulation.setDeviceMetricsOverride", { ...screen, deviceScaleFactor: 1 });
  await browser.call("Emulation.setEmulatedMedia", {
    features: [{ name: "prefers-color-scheme", value: scheme }],
  });
  const loaded = browser.once("Page.loadEventFired");
  await browser.call("Page.navigate", { url });
  await loaded;
  const { charts, images, problems } = await browser.evaluate<Findings>(INSPECT);
  problems.push(...await trySmoothing());
  console.log(`${name}: ${charts} charts, ${images} images, ${problems.length} problems`);
  complaints.push(...problems.map((problem) => `${name}: ${problem}`));
  if (values.shots !== undefined) {
    await shoot(`${values.shots}/${screen.width}-${scheme}.png`, screen);
  }
}
const { size } = await Deno.stat(made.path);
if (size > 5_000_000) complaints.push(`${size} bytes are more than 5 MB`);
for (const complaint of complaints) console.error(complaint);
console.log(`${url}: ${size} bytes, ${complaints.length} complaints`);
if (complaints.length > 0) Deno.exitCode = 1;

/** Goes through the choices of smoothing by keyboard, as far as there are more. */
async function trySmoothing(): Promise<string[]> {
  const problems: string[] = [];
  const key = { key: "ArrowRight", code: "ArrowRight", windowsVirtualKeyCode: 39 };
  await browser.evaluate("document.querySelector('input[name=smoothing]:checked')?.focus()");
  for (let presses = 0, last = -1; presses <= 4; presses++) {
    const found = await browser.evaluate<Smoothing>(SMOOTHING);
    problems.push(...found.problems);
    if (found.chosen === last) problems.push("the arrow keys do not change the smoothing");
    last = found.chosen;
    for (const type of ["keyDown", "keyUp"]) {
      await browser.call("Input.dispatchKeyEvent", { type, ...key });
    }
  }
  await browser.evaluate("document.querySelector('#smoothing-2')?.click(), scrollTo(0, 0)");
  return problems;
}

/** The whole page as a PNG. */
async function shoot(path: string, { width }: { width: number }): Promise<void> {
  const height = await browser.evaluate<number>("document.documentElement.scrollHeight");
  const clip = { x: 0, y: 0, width, height, scale: 1 };
  const { data } = await browser.call("Page.captureScreenshot", {
    captureBeyondViewport: true,
    clip,
  });
  await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
  await Deno.writeFile(path, Uint8Array.fromBase64(data as string));
}
