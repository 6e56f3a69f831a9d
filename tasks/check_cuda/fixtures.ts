/** Reference values on the device, in each precision. */
import { basename } from "node:path";
import { type Device, showDevice } from "../../lib/runtime/mod.ts";
import { LOW_TYPES, type Lowering } from "../../lib/lower/mod.ts";
import type { Comparison } from "../check_fixtures/comparison.ts";
import { checkPretraining } from "../check_fixtures/pretraining.ts";
import { lossesOnOneBatch } from "./falling.ts";
import { type Verdict, verdictsOf } from "./verdict.ts";

const CHECK = "fixtures";

/** A GPU adds up in another order than the CPU, whose tolerances the comparisons hold. */
const GPU_FACTOR = 10;

/** Steps on one batch in which the loss must fall. */
const STEPS = 50;

/** Compares the folders in float32 and, simulated where the device has no such kernels, in bfloat16 and float16. */
export async function checkFixtures(
  folders: readonly string[],
  { device, threads }: { readonly device: Device; readonly threads: number },
): Promise<Verdict[]> {
  const isGpu = device.kind === "cuda";
  const verdicts: Verdict[] = [];
  for (const folder of folders) {
    for (const type of [null, ...LOW_TYPES]) {
      const lower: Lowering | null = type && { type, simulate: !isGpu };
      const what = `${basename(folder)}, ${type ?? "float32"}` +
        `${lower?.simulate ? " simulated" : ""} on ${showDevice(device)}`;
      verdicts.push(
        ...await verdictsOf(CHECK, what, () => {
          const rows = checkPretraining(folder, { device, threads, lower });
          const compared = rows.map((row) => compare(row, what, isGpu && !type ? GPU_FACTOR : 1));
          if (!lower) return compared;
          const losses = lossesOnOneBatch(folder, { device, threads, lower, steps: STEPS });
          return [...compared, falling(losses, what)];
        }),
      );
    }
  }
  return verdicts;
}

/** A comparison with `factor` times its tolerance. */
export function compare(row: Comparison, what: string, factor: number): Verdict {
  const { group, difference, unit, worst, tensors } = row;
  const tolerance = factor * row.tolerance;
  return {
    check: CHECK,
    what: `${what}, ${group}`,
    holds: tensors > 0 && difference <= tolerance,
    detail: `${difference.toExponential(2)} <= ${tolerance.toExponential(0)} ${unit} ` +
      `(${tensors} compared, worst: ${worst})`,
  };
}

/** Whether losses are finite and fall: by a twentieth at least, the last tenth beside the first. */
export function falling(losses: readonly number[], what: string): Verdict {
  const part = Math.max(1, Math.floor(losses.length / 10));
  const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / x.length;
  const [first, last] = [mean(losses.slice(0, part)), mean(losses.slice(-part))];
  return {
    check: CHECK,
    what: `${what}, loss over ${losses.length} steps on one batch`,
    holds: losses.every(Number.isFinite) && last < 0.95 * first,
    detail: `${first.toFixed(4)} -> ${last.toFixed(4)}`,
  };
}
