/** What a probe that trains foresees, tries and looks at again. */
import assert from "node:assert/strict";
import { probe, PROBE_RUNS, type ProbeOptions, tryProbe } from "../../lib/probe/mod.ts";
import { PRETRAIN_RUNS, replay } from "../../lib/train/mod.ts";
import { CLASSES, COUNTS, ProbeFolder } from "./_subject.ts";

let folder: ProbeFolder;
Deno.test.beforeAll(async () => {
  folder = new ProbeFolder();
  await folder.draw();
});
Deno.test.afterAll(() => folder[Symbol.dispose]());

const names = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();

Deno.test("tryProbe() tries some steps of the first seed, and writes nothing", async () => {
  const before = names();
  const options = { kind: "partial", batch: 6, accumulate: 1, epochs: 2, seeds: [4, 5] } as const;
  const plan = await tryProbe(folder.request("dry", options));
  assert.deepEqual(names(), before);
  assert.deepEqual([plan.dryRun, plan.tried, plan.steps, plan.config.seed], [true, 3, 12, 4]);
  assert.equal(plan.judgeCount, CLASSES.length * COUNTS.test);
  assert.ok(plan.secondsPerStep > 0 && plan.checkpointBytes > 4 * plan.parameters);
});

for (const options of [{ kind: "knn", k: 3 }, { cache: true }] as const) {
  Deno.test(`tryProbe() refuses ${JSON.stringify(options)}, which takes no steps on images`, () =>
    assert.rejects(tryProbe(folder.request("dry", options)), {
      name: "ConfigError",
      message:
        "Cannot try steps (--dry-run) with --kind knn or --cache: nothing is trained on images",
    }));
  Deno.test(`probe() refuses the batch auto with ${JSON.stringify(options)}`, () =>
    assert.rejects(probe(folder.request("auto", { ...options, batch: "auto" })), {
      name: "ConfigError",
      message: /^Cannot take --batch auto with --(kind knn|cache): it is for what is trained/,
    }));
}

Deno.test("probe() finds a batch, keeps it, and goes on with it", async () => {
  const tried: number[] = [];
  const options = { batch: "auto", accumulate: 4, epochs: 1 } as const;
  await probe(folder.request("found", options), { trial: ({ batch }) => void tried.push(batch) });
  assert.deepEqual(tried, [8]);
  const { config } = JSON.parse(Deno.readTextFileSync(`${folder.path}/found/config.json`));
  assert.equal(config.batch, 8);
  const again = folder.request("found", { batch: "auto" }, { resume: true });
  await probe(again, { trial: () => assert.fail("searched again") });
});

Deno.test("probe() searches beyond the batch that many micro-batches would leave", async () => {
  const tried: number[] = [];
  const enough = new Error("enough was tried");
  const trial = ({ batch }: { readonly batch: number }) => {
    if (tried.push(batch) === 2) throw enough;
  };
  await assert.rejects(
    probe(folder.request("searched", { batch: "auto", epochs: 1 }), { trial }),
    enough,
  );
  assert.deepEqual(tried, [8, 16]);
});

Deno.test("probe() takes the batch that it found for one seed for all", async () => {
  const tried: number[] = [];
  const options = { batch: "auto", accumulate: 4, epochs: 1, seeds: [0, 1] } as const;
  await probe(folder.request("seeds", options), { trial: ({ batch }) => void tried.push(batch) });
  assert.deepEqual(tried, [8]);
});

Deno.test("tryProbe() says what replacing a probe would be, and what going on with one", async () => {
  const options = { batch: 6, accumulate: 1, epochs: 1, seeds: [4, 5] } as const;
  await probe(folder.request("there", { ...options, seeds: [4] }));
  const dry = await tryProbe(folder.request("there", { ...options, seeds: [4] }, { force: true }));
  assert.equal(dry.steps, 6);
  assert.ok(names().includes("there"));
  await probe(folder.request("both", options));
  const warnings: string[] = [];
  const again = folder.request("both", options, { resume: true });
  await tryProbe(again, { warning: (text) => warnings.push(text) });
  assert.deepEqual(warnings, []);
});

const WILD: ProbeOptions = {
  kind: "partial",
  optimiser: "adamw",
  lr: 1e30,
  steps: 16,
  warmup: { count: 1 },
  batch: 8,
  accumulate: 1,
};

Deno.test("replay() computes a step of a probe again, and none of another kind", async () => {
  await assert.rejects(probe(folder.request("wild", WILD)), { name: "DivergedError" });
  const request = { folder: `${folder.path}/wild/divergence` };
  const report = JSON.parse(Deno.readTextFileSync(`${request.folder}/report.json`));
  const { batches } = replay(PROBE_RUNS, request);
  assert.deepEqual(batches[0]!.ranges, report.microBatches[0].ranges);
  assert.ok(batches[0]!.ranges.some(({ name }) => name === "grad head.1.weight"));
  assert.throws(() => replay(PRETRAIN_RUNS, request), {
    name: "DataError",
    message: /^Cannot replay .+: it is of ccmim probe; use its --replay$/,
  });
});

Deno.test("probe() leaves steps out that are not finite, if it is to", async () => {
  const warnings: string[] = [];
  const request = folder.request("skip", WILD, { onDivergence: "skip" });
  const observer = { warning: (text: string) => void warnings.push(text) };
  await assert.rejects(probe(request, observer), { name: "DivergedError" });
  assert.equal(warnings.filter((text) => /^Step \d+ is left out/.test(text)).length, 10);
});
