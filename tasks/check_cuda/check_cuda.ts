/**
 * Checks and measures everything on a device. Needs no network.
 *
 *     deno task check:cuda [--device cuda[:n]|cpu|fake] [--quick] [--only fixtures,determinism,placement,traffic,rates] ...
 *
 * Prints a line for everything that was checked, and a table of rates. Exit codes: 0 all holds, 1 something does not, 2 usage,
 * 4 there is no such device; the first thing that it lacks is named.
 */
import { join } from "node:path";
import { Environment, openDeviceContext, showDevice } from "../../lib/runtime/mod.ts";
import { batchOn, type ConfigurationName, CONFIGURATIONS } from "./configurations.ts";
import { writeRandomDataset } from "./dataset.ts";
import { checkDeterminism } from "./determinism.ts";
import { checkFixtures } from "./fixtures.ts";
import { readOptions } from "./options.ts";
import { checkPlacement } from "./placement.ts";
import { measureMatrixRates, type RateRow, rateRow, rateVerdict } from "./rates.ts";
import type { RunOptions } from "./run.ts";
import { rateTable } from "./table.ts";
import { checkTraffic } from "./traffic.ts";
import { showVerdict, type Verdict, verdictsOf } from "./verdict.ts";

const FIXTURES = ["micro_ccmim", "micro_mae"].map((name) =>
  new URL(`../../tests/fixtures/${name}`, import.meta.url).pathname
);
const options = readOptions();
const { device, checks, quick, seconds, threads, configurations, methods, precisions } = options;
const began = new Date();
const verdicts: Verdict[] = [];
const rows: RateRow[] = [];
const machine = describeMachine();
console.log(Object.values(machine).join(", "));

const folder = Deno.makeTempDirSync({ prefix: "ccmim-check-" });
try {
  if (checks.includes("fixtures")) report(await checkFixtures(FIXTURES, { device, threads }));
  const runs = { determinism: checkDeterminism, placement: checkPlacement, traffic: checkTraffic };
  for (const [name, check] of Object.entries(runs)) {
    if (!checks.includes(name as keyof typeof runs)) continue;
    for (const run of runsOf(smallest(configurations))) {
      const what = `${run.name}, ${run.method}, ${run.precision}`;
      report(await verdictsOf(name, what, () => check(run)));
    }
  }
  if (checks.includes("rates")) await measure();
} finally {
  Deno.removeSync(folder, { recursive: true });
}

const failed = verdicts.filter(({ holds }) => !holds).length;
if (options.json !== null) {
  const json = { date: began.toISOString(), machine, arguments: Deno.args, verdicts, rates: rows };
  Deno.writeTextFileSync(options.json, JSON.stringify(json, null, 2) + "\n");
}
console.log(
  failed === 0
    ? `all ${verdicts.length} checks hold`
    : `${failed} of ${verdicts.length} checks do not hold`,
);
if (failed > 0) Deno.exit(1);

function describeMachine() {
  using environment = Environment.open();
  using context = openDeviceContext(device, environment);
  const memory = context.memory();
  return {
    device: showDevice(device),
    memory: memory === null
      ? "the host's memory"
      : `${(memory.free / 2 ** 30).toFixed(1)} of ${(memory.total / 2 ** 30).toFixed(1)} GiB free`,
    runtime: `ONNX Runtime ${environment.version} at ${environment.library}`,
    deno: `Deno ${Deno.version.deno}`,
    threads: `${threads} threads`,
  };
}

function report(found: readonly Verdict[]): void {
  for (const verdict of found) console.log(showVerdict(verdict));
  verdicts.push(...found);
}

/** The first two sizes, or one if it is to be quick: what they show does not depend on the size. */
function smallest(names: readonly ConfigurationName[]): readonly ConfigurationName[] {
  return names.slice(0, quick || device.kind !== "cuda" ? 1 : 2);
}

/** Every method and precision of some configurations. */
function runsOf(names: readonly ConfigurationName[]): RunOptions[] {
  return names.flatMap((name) =>
    precisions.flatMap((precision) =>
      methods.map((method) => ({
        device,
        name,
        method,
        precision,
        batch: batchOn(device, name),
        threads,
        dataset: datasetOf(name),
      }))
    )
  );
}

/** Images as large as the configuration's, in as many micro-batches as are under way. */
function datasetOf(name: ConfigurationName): string {
  const { storedSize: size } = CONFIGURATIONS[name];
  const path = join(folder, `${size}`);
  try {
    Deno.statSync(path);
  } catch {
    const sameSize = configurations.filter((name) => CONFIGURATIONS[name].storedSize === size);
    const largest = Math.max(...sameSize.map((name) => batchOn(device, name)));
    writeRandomDataset(path, { size, count: 2 * largest });
  }
  return path;
}

async function measure(): Promise<void> {
  const matrix = measureMatrixRates(device, { precisions, seconds: Math.min(seconds, 1), threads });
  const rates = Object.entries(matrix).map(([precision, gflops]) =>
    `${(gflops / 1000).toFixed(2)} in ${precision}`
  );
  console.log(`measured TFLOP/s of square products: ${rates.join(", ")}`);
  for (const run of runsOf(configurations)) {
    const row = await rateRow({ ...run, seconds }, { matrix, peer: options.peer });
    rows.push(row);
    report([rateVerdict(row)]);
  }
  console.log(`\n${rateTable(rows)}\n`);
}
