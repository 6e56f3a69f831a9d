/**
 * Times training beside PyTorch, turn by turn.
 *
 *     deno task bench [--config a,b] [--method ccmim,mae] [--turns n] [--seconds s] [--threads n] [--json file]
 *                     [--peer <folder> --python <python with torch>]
 *
 * Each turn runs a process of ours and, with `--peer`, one of the PyTorch twin, for as long each. The machine may drift, so what
 * counts is the median of the turns' ratios.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { METHODS } from "../../lib/recipes/mod.ts";
import { count, fail, names, positive, taskArguments } from "../arguments.ts";
import { type ConfigurationName, CONFIGURATIONS } from "./configurations.ts";
import type { StepFigures } from "./step.ts";

/** Load average above which something else is running. */
const BUSY = 0.5;

/** The twin. */
const PEER = "bench_torch.py";

/** What is read of the twin's line. */
interface PeerFigures {
  readonly img_s: number;
  readonly peak_rss_mib: number;
  readonly cpu_per_wall: number;
  readonly torch: string;
}

/** One configuration's figures over all turns. */
interface Row {
  readonly config: ConfigurationName;
  readonly method: string;
  readonly batch: number;
  readonly ours: readonly StepFigures[];
  readonly peer: readonly PeerFigures[];
  /** Ours over the twin's, turn by turn. */
  readonly ratios: readonly number[];
}

const CONFIGURATION_NAMES = Object.keys(CONFIGURATIONS) as ConfigurationName[];
const { values } = taskArguments(
  "deno task bench [--config a,b] [--method ccmim,mae] [--turns n] [--seconds s] [--threads n] [--json file] " +
    "[--peer <folder> --python <python with torch>]",
  {
    options: {
      config: { type: "string", default: CONFIGURATION_NAMES.join() },
      method: { type: "string", default: "ccmim" },
      turns: { type: "string", default: "3" },
      seconds: { type: "string", default: "8" },
      threads: { type: "string", default: "2" },
      json: { type: "string" },
      peer: { type: "string" },
      python: { type: "string", default: "python3" },
    },
  },
);
const configs = names("--config", values.config, CONFIGURATION_NAMES);
const methods = names("--method", values.method, METHODS);
const turns = count("--turns", values.turns);
positive("--seconds", values.seconds);
count("--threads", values.threads);
if (values.peer !== undefined) checkPeer(values.peer);

/** Refuses a folder without the twin before anything is timed. */
function checkPeer(folder: string): void {
  try {
    Deno.statSync(join(folder, PEER));
  } catch {
    fail(`Cannot use ${folder} as --peer: it has no ${PEER}`, 2);
  }
}

async function run(command: string, args: string[], options: Deno.CommandOptions = {}) {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, ...options }).output();
  const text = new TextDecoder().decode(stdout);
  if (code !== 0) {
    throw new Error(
      `${command} ended with ${code}: ${new TextDecoder().decode(stderr).slice(-2000)}`,
    );
  }
  return JSON.parse(text.trim().split("\n").at(-1)!);
}

function timeOurs(config: ConfigurationName, method: string): Promise<StepFigures> {
  const script = new URL("./step.ts", import.meta.url).pathname;
  const { seconds, threads } = values;
  const flags = { config, method, seconds, threads };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  return run(Deno.execPath(), ["run", "-A", script, ...args]);
}

/** The twin with all exact savings, and glibc told to keep its pages: the harder baseline. */
function timePeer(config: ConfigurationName, method: string): Promise<PeerFigures> {
  const args = ["-B", PEER, "--config", config, "--method", method];
  args.push("--batch", String(CONFIGURATIONS[config].batch), "--threads", values.threads);
  args.push("--reps", "3", "--rep-seconds", String(Number(values.seconds) / 3));
  return run(values.python, args, {
    cwd: values.peer!,
    env: {
      MALLOC_MMAP_THRESHOLD_: "4294967296",
      MALLOC_TRIM_THRESHOLD_: "68719476736",
      MALLOC_TOP_PAD_: "268435456",
    },
  });
}

function median(x: readonly number[]): number {
  const sorted = x.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

/** What others do to the machine before anything is timed; PyTorch's spinning threads suffer more from it than ours. */
const load = Deno.loadavg()[0]!;
if (load > BUSY) {
  console.error(
    `warning: the machine is busy (load ${load.toFixed(2)}): no ratio of this run can be trusted`,
  );
}
const rows: Row[] = [];
for (const config of configs) {
  for (const method of methods) {
    const ours: StepFigures[] = [];
    const peer: PeerFigures[] = [];
    for (let turn = 0; turn < turns; turn++) {
      console.error(`${config} ${method}, turn ${turn + 1} of ${values.turns}`);
      ours.push(await timeOurs(config, method));
      if (values.peer) peer.push(await timePeer(config, method));
    }
    const ratios = peer.map(({ img_s }, i) => ours[i]!.img_s / img_s);
    rows.push({ config, method, batch: CONFIGURATIONS[config].batch, ours, peer, ratios });
  }
}

const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  deno: Deno.version.deno,
  load,
};
console.log(
  `${machine.cpu}, ${machine.cores} cores, ${values.threads} threads, medians of ${values.turns} turns, load ${
    load.toFixed(2)
  } before`,
);
const table = rows.map(({ config, method, batch, ours, peer, ratios }) => ({
  config,
  method,
  batch,
  "images/s": Number(median(ours.map((x) => x.img_s)).toPrecision(4)),
  "create s": Number(median(ours.map((x) => x.create_s)).toFixed(2)),
  "peak MiB": Math.round(median(ours.map((x) => x.peak_rss_mib))),
  "cpu/wall": Number(median(ours.map((x) => x.cpu_per_wall)).toFixed(2)),
  ...peer.length === 0 ? {} : {
    "PyTorch images/s": Number(median(peer.map((x) => x.img_s)).toPrecision(4)),
    "PyTorch MiB": Math.round(median(peer.map((x) => x.peak_rss_mib))),
    ratio: Number(median(ratios).toFixed(2)),
  },
}));
console.table(table);
const json = JSON.stringify({ machine, options: values, rows }, null, 2);
if (values.json) await Deno.writeTextFile(values.json, json + "\n");
else console.log(JSON.stringify({ machine, table }));
