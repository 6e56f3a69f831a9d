import assert from "node:assert/strict";
import { reportCommand } from "../../cli/report.ts";
import { main } from "../../cli/run.ts";
import { report } from "../../lib/report/mod.ts";
import { OPTIONS, Runs } from "../train/_runs.ts";
import { probeFile } from "../report/_probe.ts";
import { FakeTerminal } from "./fake_terminal.ts";

async function call(...args: string[]) {
  const terminal = new FakeTerminal();
  const code = await main(["report", ...args], { commands: [reportCommand(report)], terminal });
  return { code, out: terminal.stdout, err: terminal.stderr };
}

Deno.test("ccmim report writes one page on several runs that needs nothing else", async () => {
  using runs = new Runs();
  await runs.here("first");
  await runs.here("second", { ...OPTIONS, method: "mae" });
  const { folder } = runs;
  const confusion = [[3, 1], [2, 2]];
  const probe = probeFile({ classes: ["a&b", "c"], top1: 0.625, confusion });
  Deno.writeTextFileSync(`${folder}/first/probe.json`, JSON.stringify(probe));
  const file = `${folder}/report.html`;
  const { code, out, err } = await call(`${folder}/first`, `${folder}/second`, "--out", file);
  assert.equal(code, 0, err);
  assert.match(out, /^Wrote a report on first, second: .*report.html, \d/);
  assert.match(err, /^Looking through models 6\/6 \(100%\)/m);
  const page = Deno.readTextFileSync(file);
  assert.doesNotMatch(page, /<script|https?:\/\/(?!www\.w3\.org)|@import|url\((?!["']?data:)/);
  assert.doesNotMatch(page, /NaN|undefined|\[object/);
  const sections = [...page.matchAll(/<h2 id="([^"]+)"/g)].map(([, id]) => id);
  assert.deepEqual(sections, [
    "results",
    "learning",
    "reconstructions",
    "over-training",
    "neighbours",
    "features",
    "confusion",
    "speed",
    "configurations",
    "repeat",
  ]);
  const charts = page.split('<figure class="chart">').slice(1);
  assert.equal(charts.length, 6 + 2 + 1 + 3);
  for (const chart of charts) {
    assert.match(chart, /<svg[^>]* role="img"/);
    assert.match(chart, /aria-label="(line|dot|cell)"[^>]*>\s*<(path|circle|rect)/);
    assert.match(chart, /<summary>Data: /);
  }
  const images = [...page.matchAll(/<img [^>]*>/g)].map(([tag]) => tag);
  assert.equal(images.length, 2 * (5 * 5 + 2 * 9 + 5 * 5));
  assert.ok(images.every((tag) => / alt="[^"]+"/.test(tag) && /src="data:image\/png/.test(tag)));
  assert.match(page, /<td>62.5% \(95% interval 50.0 to 70.0, 8 images\)<\/td>\s*<td>\u2013<\/td>/);
  assert.match(page, /a&#38;b/);
  assert.match(page, /<th scope="row">masking.sampling<\/th><td>importance<\/td><td>random<\/td>/);
  assert.match(page, /ccmim pretrain \\\n {2}--data/);
});

Deno.test("ccmim report leaves pictures out where they cannot be, or are not wanted", async () => {
  using runs = new Runs();
  await runs.here("run");
  const { folder } = runs;
  const file = `${folder}/report.html`;
  await call(`${folder}/run`, "--out", file, "--images", "0");
  assert.doesNotMatch(Deno.readTextFileSync(file), /<img|id="neighbours"/);
  Deno.renameSync(`${folder}/data`, `${folder}/moved`);
  const { code, err } = await call(`${folder}/run`, "--out", file);
  assert.equal(code, 0);
  assert.match(err, /^warning: No pictures of run: Cannot read .*data: there is no such file/m);
  assert.match(Deno.readTextFileSync(file), /it is not there now/);
  const moved = await call(`${folder}/run`, "--out", file, "--data", `${folder}/moved`, "--json");
  assert.deepEqual(JSON.parse(moved.out).pictured, ["run"]);
});

Deno.test("ccmim report says what it cannot report on", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const nothing = await call(folder);
    assert.equal(nothing.code, 3);
    assert.match(nothing.err, /Cannot read .* as a run: it has no config.json/);
    const config = { command: "finetune", config: { lr: 1 } };
    Deno.writeTextFileSync(`${folder}/config.json`, JSON.stringify(config));
    const empty = await call(folder);
    assert.equal(empty.code, 3);
    assert.match(empty.err, /Cannot report on .*: it has no metrics yet/);
    const lines = [{ step: 1, loss: 2, lr: 0.1 }, { step: 2, loss: 1, lr: 0.1 }];
    const text = lines.map((line) => JSON.stringify(line) + "\n").join("");
    Deno.writeTextFileSync(`${folder}/metrics.jsonl`, text);
    const out = ["--out", `${folder}/r.html`];
    const other = await call(folder, ...out);
    assert.equal(other.code, 0, other.err);
    assert.match(other.err, /No pictures of .*: finetune trains no decoder/);
    assert.equal((await call(folder, ...out, "--images", "-1")).code, 2);
    assert.equal((await call()).code, 2);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
