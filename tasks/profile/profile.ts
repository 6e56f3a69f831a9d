/**
 * Where the time of a training step goes, by ONNX Runtime's own profile.
 *
 *     deno task profile [--config name] [--method ccmim|mae] [--batch n] [--threads n] [--steps n] [--html file] [--json file]
 *
 * Prints kernels' time by phase, by op, and the slowest layers; writes a flame view with `--html`.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Environment, type NodeTime, parseProfile } from "../../lib/runtime/mod.ts";
import { type ConfigurationName, CONFIGURATIONS } from "../bench/configurations.ts";
import { openBenchEngine } from "../bench/engine.ts";
import { flamePage } from "./flame.ts";
import { PHASES, placeNode, type Total, totals } from "./phases.ts";

const { values } = parseArgs({
  options: {
    config: { type: "string", default: "vit_tiny_p4_32" },
    method: { type: "string", default: "ccmim" },
    batch: { type: "string" },
    threads: { type: "string", default: "2" },
    steps: { type: "string", default: "5" },
    html: { type: "string" },
    json: { type: "string" },
  },
});
const name = values.config as ConfigurationName;
if (!(name in CONFIGURATIONS)) {
  console.error(`Cannot profile ${name}: the configurations are ${Object.keys(CONFIGURATIONS)}`);
  Deno.exit(2);
}
const batch = Number(values.batch ?? CONFIGURATIONS[name].batch);
const steps = Number(values.steps);

const folder = Deno.makeTempDirSync();
let nodes: NodeTime[];
try {
  {
    using environment = Environment.open();
    const session = { threads: Number(values.threads), profile: join(folder, "profile") };
    using bench = openBenchEngine(environment, {
      name,
      method: values.method,
      batch,
      crops: true,
      session,
    });
    for (let i = 0; i < steps; i++) bench.step();
  } // each session writes its file when it is closed
  nodes = [...Deno.readDirSync(folder)].flatMap(({ name }) =>
    parseProfile(Deno.readTextFileSync(join(folder, name))).nodes
  );
} finally {
  Deno.removeSync(folder, { recursive: true });
}

const placed = nodes.map(placeNode);
const all = placed.reduce((sum, { microseconds }) => sum + microseconds, 0);
const inOrder = (rows: Total[]) =>
  rows.toSorted((a, b) => PHASES.indexOf(a.key as "crop") - PHASES.indexOf(b.key as "crop"));
const show = (rows: readonly Total[]) =>
  console.table(rows.map(({ key, count, microseconds }) => ({
    what: key,
    "ms a step": Number((microseconds / 1000 / steps).toFixed(2)),
    share: `${(100 * microseconds / all).toFixed(1)}%`,
    "nodes a step": Math.round(count / steps),
  })));

const tables = {
  phases: inOrder(totals(placed, ({ phase }) => phase)),
  ops: totals(placed, ({ op }) => op),
  layers: totals(placed, ({ phase, layer, op }) => `${phase}/${layer.replace(/\d+/g, "*")} ${op}`),
};
const title = `${name}, ${values.method}, batch ${batch}, ${values.threads} threads`;
console.log(
  `${title}: ${(all / 1000 / steps).toFixed(1)} ms in kernels a step, mean of ${steps} steps`,
);
show(tables.phases);
show(tables.ops.slice(0, 15));
show(tables.layers.slice(0, 25));
if (values.html) Deno.writeTextFileSync(values.html, flamePage(title, placed, steps));
if (values.json) {
  Deno.writeTextFileSync(values.json, JSON.stringify({ title, steps, ...tables }, null, 2));
}
