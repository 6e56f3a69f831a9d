/**
 * Times training steps of one configuration in a process of its own, so that peak memory is its own. Prints one JSON line.
 *
 * A step is all of it: forward, backward, gradient norm, finite gate, AdamW. Images are resident uint8 and are normalised in the
 * graph; with `--crops` they are cropped and resized in the graph too. Nothing is read or decoded.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { Environment, peakResidentBytes } from "../../lib/runtime/mod.ts";
import { REWRITE_NAMES } from "../../lib/graph/mod.ts";
import { type ConfigurationName, CONFIGURATIONS } from "./configurations.ts";
import { openBenchEngine } from "./engine.ts";

/** What one process measured. */
export interface StepFigures {
  readonly config: ConfigurationName;
  readonly method: string;
  readonly batch: number;
  readonly threads: number;
  readonly crops: boolean;
  /** Median over the timed steps. */
  readonly img_s: number;
  readonly steps: number;
  readonly first_step_s: number;
  /** Making graphs, sessions, state and its first values, and the batch. */
  readonly create_s: number;
  readonly peak_rss_mib: number;
  /** Processor seconds over wall seconds of the timed steps. */
  readonly cpu_per_wall: number;
  readonly loss_first: number;
  readonly loss_last: number;
}

const { values } = parseArgs({
  options: {
    config: { type: "string", default: "vit_tiny_p4_32" },
    method: { type: "string", default: "ccmim" },
    batch: { type: "string" },
    threads: { type: "string", default: "2" },
    seconds: { type: "string", default: "6" },
    crops: { type: "boolean", default: false },
    without: { type: "string", default: "" },
  },
});
const name = values.config as ConfigurationName;
const batch = Number(values.batch ?? CONFIGURATIONS[name].batch);
const threads = Number(values.threads);

using environment = Environment.open();
const began = performance.now();
using engine = openBenchEngine(environment, {
  name,
  method: values.method,
  batch,
  crops: values.crops,
  session: { threads },
  rewrites: REWRITE_NAMES.filter((name) => name !== values.without),
});
const create = (performance.now() - began) / 1000;

function step(): { loss: number; seconds: number } {
  const began = performance.now();
  const loss = engine.step();
  return { loss, seconds: (performance.now() - began) / 1000 };
}
const first = step();
step();
const cpu = process.cpuUsage();
const start = performance.now();
const steps = [];
while (steps.length < 3 || performance.now() - start < Number(values.seconds) * 1000) {
  steps.push(step());
}
const wall = (performance.now() - start) * 1000;
const used = process.cpuUsage(cpu);
const sorted = steps.map(({ seconds }) => seconds).sort((a, b) => a - b);
const figures: StepFigures = {
  config: name,
  method: values.method,
  batch,
  threads,
  crops: values.crops,
  img_s: batch / sorted[sorted.length >> 1]!,
  steps: steps.length,
  first_step_s: first.seconds,
  create_s: create,
  peak_rss_mib: peakResidentBytes() / 2 ** 20,
  cpu_per_wall: (used.user + used.system) / wall,
  loss_first: first.loss,
  loss_last: steps.at(-1)!.loss,
};
console.log(JSON.stringify(figures));
