/**
 * Times everything that takes time, beside PyTorch and Pillow, by turns.
 *
 * Each turn runs a process of ours and, with `--peer`, one of the peer. The machine may drift, so what counts is the ratio pair by
 * pair: its median and its range.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { METHODS } from "../../lib/recipes/mod.ts";
import { exists } from "../../lib/files/mod.ts";
import { count, fail, names, positive, taskArguments } from "../arguments.ts";
import {
  type BenchRequest,
  type Case,
  casesOf,
  DEFAULT_ROWS,
  type RowName,
  ROWS,
} from "./cases.ts";
import { type ConfigurationName, CONFIGURATIONS } from "./configurations.ts";
import { featureCases } from "./row_features.ts";
import { loaderCases } from "./row_loader.ts";
import { rewriteCases } from "./row_rewrites.ts";
import { prepareCases } from "./row_prepare.ts";
import { startCases } from "./row_start.ts";
import { trainCases } from "./row_train.ts";
import { type Line, showLine, showTable } from "./table.ts";
import { TWIN } from "./torch.ts";
import { linesOf, takeTurns } from "./turns.ts";

/** Load average above which something else is running. */
const BUSY = 0.5;

const USAGE =
  "deno task bench [--rows a,b] [--config a,b] [--method ccmim,mae] [--pairs n] [--seconds s] " +
  "[--threads n] [--photographs source] [--small source] [--peer <folder> --python <python with torch>] [--quick] [--json]";

/** What is asked. */
interface Asked {
  readonly request: BenchRequest;
  readonly rows: readonly RowName[];
  readonly pairs: number;
  readonly json: boolean;
}

function parse(): Asked {
  const known = Object.keys(CONFIGURATIONS) as ConfigurationName[];
  const { values } = taskArguments(USAGE, {
    options: {
      rows: { type: "string", default: DEFAULT_ROWS.join() },
      config: { type: "string" },
      method: { type: "string", default: "ccmim" },
      pairs: { type: "string" },
      seconds: { type: "string" },
      threads: { type: "string", default: String(cpus().length) },
      photographs: { type: "string" },
      small: { type: "string" },
      peer: { type: "string" },
      python: { type: "string", default: "python3" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const { quick, json, python, peer, photographs, small } = values;
  if (peer !== undefined && !exists(join(peer, TWIN))) {
    fail(`Cannot use ${peer} as --peer: it has no ${TWIN}`, 2);
  }
  const configs = values.config ?? (quick ? known[0]! : known.join());
  const request = {
    configs: names("--config", configs, known),
    methods: names("--method", values.method, METHODS),
    seconds: positive("--seconds", values.seconds ?? (quick ? "1" : "8")),
    threads: count("--threads", values.threads),
    quick,
    peer,
    python,
    photographs,
    small,
  };
  const pairs = count("--pairs", values.pairs ?? (quick ? "1" : "5"));
  return { request, rows: names("--rows", values.rows, ROWS), pairs, json };
}

/** All cases with a figure of the rows. */
async function collect({ request, rows }: Asked, folder: string): Promise<Case[]> {
  const asked = (...some: RowName[]) => some.some((row) => rows.includes(row));
  return casesOf([
    ...asked("train", "session", "memory") ? trainCases(request) : [],
    ...asked("features", "memory") ? featureCases(request) : [],
    ...asked("session") ? startCases(request, folder) : [],
    ...asked("loader") ? loaderCases(request, folder) : [],
    ...asked("rewrites") ? rewriteCases(request) : [],
    ...asked("prepare") ? await prepareCases(request, folder) : [],
  ], rows);
}

async function bench(asked: Asked, folder: string): Promise<void> {
  const { request, pairs, json } = asked;
  /** What others do to the machine before anything is timed; PyTorch's spinning threads suffer more from it than ours. */
  const load = Deno.loadavg()[0]!;
  if (load > BUSY) {
    console.error(
      `warning: the machine is busy (load ${
        load.toFixed(2)
      }): no figure of this run can be trusted`,
    );
  }
  const lines: Line[] = [];
  const results = [];
  for (const one of await collect(asked, folder)) {
    const turns = await takeTurns(one, {
      pairs,
      warmUp: !request.quick,
      told: (turn) =>
        console.error(`${one.name}: ${turn === 0 ? "warm-up" : `${turn} of ${pairs}`}`),
    });
    const own = linesOf(one, turns);
    for (const line of own) console.error(showLine(line)); // so that nothing measured is lost if this is cut off
    lines.push(...own);
    results.push({ name: one.name, peerName: one.peer?.name ?? null, ...turns });
  }
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    os: `${Deno.build.os} ${Deno.osRelease()}`,
    deno: Deno.version.deno,
    load,
    date: new Date().toISOString().slice(0, 10),
  };
  if (json) return console.log(JSON.stringify({ machine, request, pairs, lines, turns: results }));
  const { cpu, cores, os, deno, date } = machine;
  console.log(
    `${date}, ${cpu}, ${cores} cores, ${os}, Deno ${deno}, ${request.threads} threads; median (range) of ${pairs} ` +
      `turns; load ${load.toFixed(2)} before\n\n${showTable(lines)}`,
  );
}

const asked = parse();
const folder = Deno.makeTempDirSync({ prefix: "ccmim-bench-" });
try {
  await bench(asked, folder);
} finally {
  Deno.removeSync(folder, { recursive: true });
}
