import assert from "node:assert/strict";
import { DataError } from "../../lib/data/mod.ts";
import { readProbes } from "../../lib/report/probes.ts";
import { readRuns } from "../../lib/report/run_data.ts";
import { headlineSection } from "../../lib/report/sections/headline.ts";
import { inFolder } from "../_folder.ts";
import { probeFile } from "./_probe.ts";

const write = (path: string, value: unknown) => Deno.writeTextFileSync(path, JSON.stringify(value));

Deno.test("readProbes() finds results in a run and in the folders within", () => {
  inFolder((run) => {
    assert.deepEqual(readProbes(run), []);
    Deno.mkdirSync(`${run}/linear`);
    write(`${run}/linear/probe.json`, probeFile({ top1Deviation: 0.01 }));
    write(`${run}/probe.json`, probeFile({ top1: 0.5 }));
    const [own, inner] = readProbes(run);
    assert.equal(own!.top1, 0.5);
    assert.equal(inner!.path, `${run}/linear`);
    assert.equal(inner!.deviation, 0.01);
    assert.equal(inner!.what, "linear probe, CLS, 90 epochs, test top-1");
    Deno.writeTextFileSync(`${run}/probe.json`, "{");
    assert.throws(() => readProbes(run), DataError);
    write(`${run}/probe.json`, probeFile({ top1: "high" }));
    assert.throws(() => readProbes(run), /probe.json as a probe's result: .*top1/s);
  });
});

Deno.test("readProbes() finds what a fine-tuning and a later evaluation came to", () => {
  inFolder((run) => {
    const { top1Deviation: _, encoder: __, ...result } = probeFile({ what: "fine-tuned, test" });
    write(`${run}/finetune.json`, { ...result, format: "ccmim-finetune-1" });
    Deno.mkdirSync(`${run}/again`);
    write(`${run}/again/evaluation.json`, { ...result, format: "ccmim-evaluation-1", top1: 0.5 });
    const found = readProbes(run);
    assert.deepEqual(found.map(({ top1, weights }) => [top1, weights]), [[0.875, null], [
      0.5,
      null,
    ]]);
    assert.equal(found[0]!.what, "fine-tuned, test");
    Deno.mkdirSync(`${run}/theirs`);
    write(`${run}/theirs/evaluation.json`, { accuracy: 0.5 });
    assert.equal(readProbes(run).length, 2);
    write(`${run}/finetune.json`, { ...result, format: "ccmim-finetune-9" });
    assert.throws(() => readProbes(run), /finetune.json as a classifier's result: .*format/s);
  });
});

Deno.test("headlineSection() tells a classifier's accuracy, sizes and time", () => {
  inFolder((run) => {
    const { encoder: _, ...result } = probeFile({ what: "fine-tuned, mean pool, test top-1" });
    write(`${run}/finetune.json`, { ...result, format: "ccmim-finetune-1" });
    const model = { width: 48, depth: 2, heads: 3, imageSize: 32, patch: 4 };
    const schedule = { steps: 10, stepsPerEpoch: 5 };
    const config = { model, schedule, batch: 8, accumulate: 1 };
    write(`${run}/config.json`, { command: "finetune", config });
    const line = { step: 10, loss: 1, images_per_second: 4 };
    Deno.writeTextFileSync(`${run}/metrics.jsonl`, `${JSON.stringify(line)}\n`);
    const { text } = headlineSection(readRuns([run]), new Map());
    assert.match(
      text,
      /fine-tuned, mean pool, test top-1<[^]*87\.5% \(95% interval 50\.0 to 70\.0, 8 images\)/,
    );
    assert.match(text, /48 wide, 2 blocks, 3 heads; 32 px in patches of 4/);
    assert.match(text, /10 of 10 steps, 2 epochs/);
    assert.match(text, /2\.0 s/);
  });
});

Deno.test("readRuns() gives a probe that is named beside its run to the run", () => {
  inFolder((folder) => {
    const [run, other, probe] = ["run", "other", "probe"].map((name) => `${folder}/${name}`);
    for (const path of [run!, other!, probe!]) Deno.mkdirSync(path);
    for (const path of [run!, other!]) {
      write(`${path}/config.json`, { command: "finetune", config: { path } });
      Deno.writeTextFileSync(`${path}/metrics.jsonl`, '{"step":1,"loss":2}\n');
    }
    const file = `${run}/checkpoints/step-00000001/model.safetensors`;
    write(`${probe}/probe.json`, probeFile({ encoder: { checkpoint: run, file } }));
    const [first, second] = readRuns([probe!, run!, other!]);
    assert.deepEqual([first!.name, second!.name], ["run", "other"]);
    assert.deepEqual(first!.probes.map(({ path }) => path), [probe]);
    assert.deepEqual(second!.probes, []);
    assert.throws(
      () => readRuns([other!, probe!]),
      /Cannot report on the probe .*probe without its run: name the run of .*run\/checkpoints/,
    );
  });
});
