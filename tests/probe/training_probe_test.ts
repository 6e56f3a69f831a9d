/** Probes that train, through the real library. */
import assert from "node:assert/strict";
import { latestCheckpoint, loadCheckpoint } from "../../lib/checkpoint/mod.ts";
import { probe, type ProbeObserver } from "../../lib/probe/mod.ts";
import { ProbeFolder } from "./_subject.ts";

let folder: ProbeFolder;
Deno.test.beforeAll(async () => {
  folder = new ProbeFolder();
  await folder.draw();
});
Deno.test.afterAll(() => folder[Symbol.dispose]());

const read = (path: string) => JSON.parse(Deno.readTextFileSync(`${folder.path}/${path}`));

Deno.test("probe() trains a linear layer on augmented images, and leaves a run", async () => {
  const steps: number[] = [];
  const options = { epochs: 3, batch: 8, accumulate: 2, optimiser: "adamw", lr: 0.05 } as const;
  const report = await probe(folder.request("linear", options), {
    step: ({ step }) => steps.push(step),
  });
  assert.equal(report.what, "linear probe, CLS, 3 epochs, test top-1");
  assert.deepEqual(steps, [1, 2, 3, 4, 5, 6]);
  assert.ok(report.top1 > 0.4, `${report.top1}`);
  const names = [...Deno.readDirSync(`${folder.path}/linear`)].map(({ name }) => name).sort();
  assert.deepEqual(names.filter((name) => !name.startsWith(".")), [
    "checkpoints",
    "config.json",
    "confusion.csv",
    "confusion.png",
    "metrics.jsonl",
    "probe.json",
  ]);
  assert.deepEqual(read("linear/probe.json"), report);
  assert.equal(read("linear/config.json").command, "probe");
});

Deno.test("probe() trains the last blocks, and no others", async () => {
  const report = await probe(
    folder.request("partial", { kind: "partial", blocks: 1, epochs: 2, batch: 8 }),
  );
  assert.equal(report.what, "last block fine-tuned, CLS, 2 epochs, test top-1");
  const before = loadCheckpoint(latestCheckpoint(`${folder.path}/run`)!.path).model.tensors;
  const after = loadCheckpoint(latestCheckpoint(`${folder.path}/partial`)!.path).model.tensors;
  const changed = [...before.keys()].filter((name) => {
    return !before.get(name)!.data.every((x, i) => x === after.get(name)!.data[i]);
  });
  assert.ok(changed.length > 10);
  assert.ok(changed.every((name) => /^(blocks\.1|norm)\./.test(name)), changed.join());
  assert.ok(after.has("head.1.weight") && after.has("head.0.running_mean"));
});

Deno.test("probe() resumes a training as if it had never stopped", async () => {
  const options = {
    epochs: 4,
    batch: 8,
    accumulate: 1,
    checkpointEvery: { count: 3, unit: "steps" },
  } as const;
  const whole = await probe(folder.request("whole", options));
  const stop = new AbortController();
  const stopping: ProbeObserver = { step: ({ step }) => step === 5 && stop.abort() };
  const request = folder.request("parts", options);
  await assert.rejects(probe(request, stopping, stop.signal), {
    name: "InterruptedError",
    message: /^Stopped after \d+ of 16 steps; go on with --resume/,
  });
  assert.throws(() => Deno.statSync(`${request.out}/probe.json`), Deno.errors.NotFound);
  const { device, threads } = request.options;
  const rest = { ...request, resume: true, options: { device, threads } };
  await assert.rejects(probe({ ...rest, options: { ...rest.options, epochs: 5 } }), {
    name: "ConfigError",
    message: /^Cannot resume with \w+ .+: the run was started with /,
  });
  const resumed = await probe(rest);
  assert.deepEqual(resumed.confusion, whole.confusion);
  const bytes = (name: string, file: string) =>
    Deno.readFileSync(`${folder.path}/${name}/checkpoints/step-00000016/${file}.safetensors`);
  for (const file of ["model", "state"]) {
    assert.deepEqual(bytes("parts", file), bytes("whole", file));
  }
});

Deno.test("probe() trains a run for each seed, and replaces them all by force", async () => {
  const options = { seeds: [3, 1], epochs: 1, batch: 18, labelsPerClass: 6 } as const;
  const request = folder.request("seeds", options);
  const report = await probe(request);
  assert.deepEqual(report.seeds.map(({ seed, trainCount }) => [seed, trainCount]), [
    [3, 18],
    [1, 18],
  ]);
  assert.equal(report.what, "linear probe, CLS, 1 epoch, 6 labels a class, test top-1");
  for (const seed of [1, 3]) assert.equal(read(`seeds/seed-${seed}/config.json`).config.seed, seed);
  await assert.rejects(probe(request), { name: "ConfigError", message: /it exists; use --force/ });
  await probe({ ...request, force: true, options: { ...request.options, seeds: [1] } });
  assert.throws(() => Deno.statSync(`${request.out}/seed-3`), Deno.errors.NotFound);
  assert.equal(read("seeds/config.json").config.seed, 1);
});
