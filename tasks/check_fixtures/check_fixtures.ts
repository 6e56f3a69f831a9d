/**
 * Compares folders of reference values with what the engine computes from them.
 *
 *     deno task check:fixtures [--device cpu|cuda[:n]] [--threads n] <folder>...
 *
 * Prints for each group of tensors the largest difference beside its tolerance. Exit codes: 0 all hold, 1 one does not or a
 * folder cannot be used, 2 usage.
 */
import { parseDevice } from "../../lib/runtime/mod.ts";
import { count, fail, taskArguments } from "../arguments.ts";
import type { Comparison } from "./comparison.ts";
import { checkFinetuning } from "./finetuning.ts";
import { checkLinearProbe } from "./linear_probe.ts";
import { checkPretraining } from "./pretraining.ts";

/** What compares folders of tasks that are no pretraining. */
const CHECKS: Readonly<Record<string, typeof checkPretraining>> = {
  linprobe: checkLinearProbe,
  finetune: checkFinetuning,
};

const usage = "deno task check:fixtures [--device d] [--threads n] <folder>...";
const { values, positionals } = taskArguments(usage, {
  options: {
    device: { type: "string", default: "cpu" },
    threads: { type: "string", default: "2" },
  },
  allowPositionals: true,
});
if (positionals.length === 0) fail(`Cannot check: no folder is named\nusage: ${usage}`, 2);
const options = {
  device: deviceOf(values.device),
  threads: count("--threads", values.threads),
};
let failed = 0;
for (const folder of positionals) {
  console.log(folder);
  for (const row of rowsOf(folder)) {
    if (!row.holds) failed++;
    console.log(
      `  ${row.holds ? "ok  " : "FAIL"} ${row.group.padEnd(30)} ` +
        `${row.difference.toExponential(2)} <= ${row.tolerance.toExponential(0)} ${row.unit} ` +
        `(${row.tensors} compared, worst: ${row.worst})`,
    );
  }
}
console.log(failed === 0 ? "all tolerances hold" : `${failed} tolerances do not hold`);
if (failed > 0) Deno.exit(1);

function deviceOf(name: string) {
  try {
    return parseDevice(name);
  } catch (error) {
    return fail((error as Error).message, 2);
  }
}

/** What a folder is of. */
function taskOf(folder: string): unknown {
  return JSON.parse(Deno.readTextFileSync(`${folder}/expected.json`)).task;
}

/** The comparisons of a folder; one that cannot be made ends the process in one line. */
function rowsOf(folder: string): readonly Comparison[] {
  try {
    const check = CHECKS[String(taskOf(folder))] ?? checkPretraining;
    return check(folder, options);
  } catch (error) {
    if (Deno.env.get("CCMIM_DEBUG") === "1") throw error;
    return fail((error as Error).message, 1);
  }
}
