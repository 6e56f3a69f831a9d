/**
 * Feeds every reader damaged files: `deno task fuzz [--reader a,b] [--inputs n] [--seed s] [--only n] [--out folder]`. A reader
 * may accept a file or refuse it with an error that says why; it may not crash, hang, take memory without bounds, read or write
 * anything outside of the input's folder, or read valid files otherwise afterwards.
 */
import { count, fail, names, taskArguments } from "../arguments.ts";
import { fuzz, type Tally } from "./campaign.ts";
import { READERS } from "./readers.ts";

const USAGE =
  "deno task fuzz [--reader a,b] [--inputs n] [--seed s] [--only number] [--out folder]";

/** What one input of some kilobytes may take. */
const BOUNDS = { seconds: 2, residentBytes: 384 << 20, requestBytes: 64 << 20 };

/** Readers that are fuzzed at once. */
const LANES = 2;

/** A tally as cells of the table. */
function cells(
  { reader, inputs, accepted, refused, slowest, peak, request, failures }: Tally,
): string[] {
  return [
    reader,
    String(inputs),
    String(accepted),
    String(refused),
    `${(1000 * slowest).toFixed(0)} ms`,
    `${(peak / 2 ** 20).toFixed(0)} MiB`,
    `${(request / 2 ** 20).toFixed(1)} MiB`,
    String(failures.length),
  ];
}

const TITLES = [
  "reader",
  "inputs",
  "accepted",
  "refused",
  "slowest",
  "peak memory",
  "at once",
  "failures",
];
const WIDTHS = [16, 8, 9, 8, 9, 12, 10, 9];

function show(row: readonly string[]): string {
  return row.map((cell, i) => i === 0 ? cell.padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i]!))
    .join(" ");
}

async function main(): Promise<void> {
  const { values } = taskArguments(USAGE, {
    options: {
      reader: { type: "string" },
      inputs: { type: "string", default: "20000" },
      seed: { type: "string", default: "1" },
      only: { type: "string" },
      out: { type: "string", default: "runs/fuzz" },
    },
  });
  const known = READERS.map(({ name }) => name);
  const wanted = values.reader === undefined ? known : names("--reader", values.reader, known);
  const seed = count("--seed", values.seed);
  const only = values.only === undefined ? null : Number(values.only);
  if (only !== null && !(Number.isSafeInteger(only) && only >= 0)) {
    fail(`Cannot use ${values.only} as --only: it must be a whole number >= 0`, 2);
  }
  const [from, until] = only === null ? [0, count("--inputs", values.inputs)] : [only, only + 1];
  const options = {
    module: new URL("./readers.ts", import.meta.url).href,
    seed,
    from,
    until,
    bounds: BOUNDS,
    out: values.out,
    controlEvery: 500,
    mostFailures: 20,
  };
  console.log(show(TITLES));
  const queue = READERS.filter(({ name }) => wanted.includes(name))[Symbol.iterator]();
  const tallies: Tally[] = [];
  let isBroken = false;
  const lane = async () => {
    for (const reader of queue) { // shared, so each lane takes the next
      try {
        const tally = await fuzz(reader, options);
        tallies.push(tally);
        console.log(show(cells(tally)));
      } catch (error) {
        isBroken = true;
        console.log(`${reader.name}: ${(error as Error).message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  for (const { reader, failures } of tallies) {
    for (const { number, what, saved } of failures) {
      console.log(`\n${reader}, input ${number}: ${what}`);
      console.log(`  repeat: deno task fuzz --reader "${reader}" --seed ${seed} --only ${number}`);
      console.log(`  saved: ${saved}`);
    }
  }
  if (isBroken || tallies.some(({ failures }) => failures.length > 0)) Deno.exit(1);
}

if (import.meta.main) await main();
