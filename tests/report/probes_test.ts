import assert from "node:assert/strict";
import { DataError } from "../../lib/data/mod.ts";
import { readProbes } from "../../lib/report/probes.ts";
import { readRuns } from "../../lib/report/run_data.ts";
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
