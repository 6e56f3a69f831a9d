/** Probes on features that are taken once, through the real library. */
import assert from "node:assert/strict";
import { sha256OfFile } from "../../lib/data/mod.ts";
import { probe, type ProbeObserver } from "../../lib/probe/mod.ts";
import { CLASSES, COUNTS, ProbeFolder } from "./_subject.ts";

let folder: ProbeFolder;
Deno.test.beforeAll(async () => {
  folder = new ProbeFolder();
  await folder.draw();
});
Deno.test.afterAll(() => folder[Symbol.dispose]());

const IMAGES = CLASSES.length * COUNTS.test;
const read = (path: string) => JSON.parse(Deno.readTextFileSync(`${folder.path}/${path}`));

Deno.test("probe() by nearest neighbours writes everything that decides its figure", async () => {
  const told: string[] = [];
  const observer: ProbeObserver = {
    start: ({ protocol }) => told.push(protocol),
    progress: (what, done, total) => told.push(`${what} ${done}/${total}`),
    warning: (text) => told.push(text),
  };
  const request = folder.request("knn", { kind: "knn", k: 3 });
  const report = await probe(request, observer);
  assert.equal(report.what, "kNN (k 3, T 0.07), CLS, test top-1");
  assert.ok(report.top1 > 0.6, `${report.top1}`);
  const [low, high] = report.top1Interval;
  assert.ok(low < report.top1 && high >= report.top1);
  assert.deepEqual(
    [report.top5, report.top1Deviation, report.images],
    [null, null, IMAGES],
  );
  assert.deepEqual(Object.keys(report.perClass), CLASSES);
  const sum = report.confusion.flat().reduce((a, b) => a + b);
  assert.equal(sum, IMAGES);
  assert.deepEqual(read("knn/probe.json"), report);
  assert.equal(report.encoder.sha256, sha256OfFile(report.encoder.file!));
  assert.equal(report.dataset.sha256, sha256OfFile(`${request.data}/manifest.json`));
  assert.deepEqual(report.config, {
    kind: "knn",
    features: { pool: "cls", layers: "last" },
    split: "test",
    labelsPerClass: null,
    model: report.config.model,
    threads: 1,
    device: "cpu",
    precision: "float32",
    seeds: [0],
    batch: 36,
    k: 3,
    temperature: 0.07,
  });
  assert.match(
    Deno.readTextFileSync(`${request.out}/confusion.csv`),
    /^class,blue,dark,red\nblue,/,
  );
  assert.deepEqual([...Deno.readFileSync(`${request.out}/confusion.png`).subarray(1, 4)], [
    ...new TextEncoder().encode("PNG"),
  ]);
  assert.equal(told[0], "kNN (k 3, T 0.07), CLS");
  assert.ok(told.includes("Features 51/51") && told.at(-1) === "Neighbours 15/15", told.join("; "));
});

Deno.test("probe() gives the same figures whatever the batch", async () => {
  const options = { kind: "knn", k: 3, pool: "mean", layers: "all" } as const;
  const one = await probe(folder.request("b36", options));
  const other = await probe(folder.request("b7", { ...options, batch: 7 }));
  assert.deepEqual(other.confusion, one.confusion);
  assert.equal(one.what, "kNN (k 3, T 0.07), mean of patches, all layers, test top-1");
});

Deno.test("probe() on cached features tries learning rates on held-out training images", async () => {
  const options = { cache: true, epochs: 20, baseLrs: [100, 1], batch: 8, holdOut: 0.25 };
  const warnings: string[] = [];
  const report = await probe(folder.request("cached", { ...options, seeds: [1, 2] }), {
    warning: (text) => warnings.push(text),
  });
  assert.match(
    warnings[0]!,
    /^The best learning rate of seed 1 is the (lowest|highest) of those tried: others might do better/,
  );
  assert.equal(
    report.what,
    "linear probe on cached features, CLS, 20 epochs, test top-1",
  );
  assert.equal(report.seeds.length, 2);
  for (const { chosen, trainCount } of report.seeds) {
    assert.equal(trainCount, 36);
    assert.deepEqual(chosen!.heldOut.map(({ lr }) => lr), [1 / 32, 100 / 32]);
    const best = Math.max(...chosen!.heldOut.map(({ top1 }) => top1));
    assert.equal(chosen!.heldOut.find(({ lr }) => lr === chosen!.lr)!.top1, best);
    assert.deepEqual(chosen!.diverged, []);
  }
  const [a, b] = report.seeds.map(({ top1 }) => top1) as [number, number];
  assert.equal(report.top1, (a + b) / 2);
  assert.ok(Math.abs(report.top1Deviation! - Math.abs(a - b) / Math.SQRT2) < 1e-12);
  assert.equal(report.confusion.flat().reduce((x, y) => x + y), 2 * IMAGES);
});

Deno.test("probe() of a random encoder starts as pretraining would, each seed anew", async () => {
  const sizes = { imageSize: 8, patch: 4, width: 16, depth: 2, heads: 2 };
  const options = { ...sizes, kind: "knn", k: 2, seeds: [0, 1], labelsPerClass: 4 } as const;
  const report = await probe(folder.request("random", options, { checkpoint: "random" }));
  assert.equal(report.what, "kNN (k 2, T 0.07), CLS, 4 labels a class, test top-1");
  assert.deepEqual(report.encoder, {
    checkpoint: "random",
    file: null,
    sha256: null,
    seed: 0,
    match: null,
  });
  assert.deepEqual(report.seeds.map(({ seed, trainCount }) => [seed, trainCount]), [[0, 12], [
    1,
    12,
  ]]);
});

Deno.test("probe() on features leaves nothing where it is interrupted", async () => {
  const stop = new AbortController();
  const request = folder.request("stopped", { kind: "knn", k: 1, batch: 1 });
  await assert.rejects(probe(request, { progress: () => stop.abort() }, stop.signal), {
    name: "InterruptedError",
    message: "Stopped before the probe was done",
  });
  assert.throws(() => Deno.statSync(request.out), Deno.errors.NotFound);
});
