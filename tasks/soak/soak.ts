/**
 * Interrupts a small pretraining in every way there is, and compares what it comes to with a run to which nothing happened:
 * `deno task soak [--kills n] [--seed s]`. Also whether 2,000 steps hold their memory, and whether all is given back.
 */
import { count, fail, taskArguments } from "../arguments.ts";
import { type FaultName, FAULTS, type FaultTally, suffer } from "./faults.ts";
import { leftBehind, memoryOf } from "./memory.ts";
import { ended, smallDataset, start } from "./pretraining.ts";

const USAGE = "deno task soak [--kills n] [--seed s] [--steps n]";

/** Faults of the other kinds for each kill. */
const SHARE: Readonly<Record<FaultName, number>> = {
  "SIGKILL": 1,
  "SIGTERM": 0.4,
  "SIGTERM twice": 0.2,
  "write error": 0.4,
};

/** Most growth of resident memory. */
const MOST_GROWTH = 0.03;

const COLUMNS = ["fault", "faults", "survived", "bytes that differ", "slowest end"] as const;
const WIDTHS = [14, 7, 9, 18, 12] as const;

function show(cells: readonly string[]): string {
  return cells.map((cell, i) => i === 0 ? cell.padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i]!))
    .join(" ");
}

function row({ kind, faults, survived, differing, slowest }: FaultTally): string {
  const end = slowest === 0 ? "-" : `${slowest.toFixed(2)} s`;
  return show([kind, String(faults), String(survived), String(differing), end]);
}

async function main(): Promise<void> {
  const { values } = taskArguments(USAGE, {
    options: {
      kills: { type: "string", default: "50" },
      seed: { type: "string", default: "1" },
      steps: { type: "string", default: "2000" },
    },
  });
  const kills = count("--kills", values.kills);
  const seed = count("--seed", values.seed);
  const steps = count("--steps", values.steps);
  const folder = Deno.makeTempDirSync({ prefix: "ccmim-soak-" });
  let isWell = true;
  try {
    const dataset = await smallDataset(folder);
    const reference = `${folder}/reference`;
    const { code, said } = await ended(start({ dataset, out: reference, steps }));
    if (code !== 0) fail(`The run to compare with ended with ${code}: ${said}`, 1);
    console.log(show(COLUMNS));
    for (const kind of Object.keys(FAULTS) as FaultName[]) {
      const times = Math.ceil(kills * SHARE[kind]);
      const run = { dataset, out: `${folder}/${kind.replaceAll(" ", "-")}`, steps };
      const tally = await suffer(kind, run, { times, seed, reference });
      console.log(row(tally));
      for (const complaint of tally.complaints) console.log(`  ${complaint}`);
      isWell &&= tally.survived === tally.faults && tally.differing === 0;
    }
    const { early, late, growth } = memoryOf(reference);
    const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    console.log(
      `\nmemory over ${steps} steps: ${mebibytes(early)} after the warm-up, ${
        mebibytes(late)
      } at ` +
        `the end, ${(100 * growth).toFixed(2)}%`,
    );
    const { runs, files, threads } = await leftBehind(dataset, folder, 4);
    console.log(`after ${runs} runs in one process: ${files} files and ${threads} threads more`);
    isWell &&= growth <= MOST_GROWTH && files <= 0 && threads <= 0;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
  if (!isWell) Deno.exit(1);
}

if (import.meta.main) await main();
