/**
 * Compares folders of reference values with what the engine computes from them.
 *
 *     deno task check:fixtures [--device cpu|cuda[:n]] [--threads n] <folder>...
 *
 * Prints for each group of tensors the largest difference beside its tolerance; exits 0 only if all hold.
 */
import { parseArgs } from "node:util";
import { parseDevice } from "../lib/runtime/mod.ts";
import { checkFixture } from "./fixture.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  options: {
    device: { type: "string", default: "cpu" },
    threads: { type: "string", default: "2" },
  },
  allowPositionals: true,
});
if (positionals.length === 0) {
  console.error("usage: deno task check:fixtures [--device d] [--threads n] <folder>...");
  Deno.exit(2);
}
const options = { device: parseDevice(values.device), threads: Number(values.threads) };
let failed = 0;
for (const folder of positionals) {
  console.log(folder);
  for (const row of checkFixture(folder, options)) {
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
