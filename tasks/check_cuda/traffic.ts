/** What a step copies to the device. */
import type { Device } from "../../lib/runtime/mod.ts";
import { openRun, type RunOptions, takeSteps } from "./run.ts";
import type { Verdict } from "./verdict.ts";

/** Most bytes to the device, over the batch's own. */
const LIMIT = 1.1;

const STEPS = 8;

/** Compares the bytes that steps copy with those of their batches. */
export async function checkTraffic(options: RunOptions): Promise<Verdict[]> {
  using run = await openRun(options);
  takeSteps(run, 3);
  const { hostToDevice, deviceToHost } = run.context.traffic;
  takeSteps(run, STEPS);
  const { traffic } = run.context;
  return [trafficVerdict(options, {
    up: (traffic.hostToDevice - hostToDevice) / STEPS,
    down: (traffic.deviceToHost - deviceToHost) / STEPS,
    batch: run.batchBytes,
  })];
}

/** @param bytes of one step. */
function trafficVerdict(
  { device, name, method, precision }: Pick<RunOptions, "name" | "method" | "precision"> & {
    readonly device: Device;
  },
  { up, down, batch }: { readonly up: number; readonly down: number; readonly batch: number },
): Verdict {
  const what = `${name}, ${method}, ${precision}`;
  if (device.kind === "cpu") {
    const detail = "batches are read where they lie: nothing is copied";
    return { check: "traffic", what, holds: up === 0 && down === 0, detail };
  }
  return {
    check: "traffic",
    what,
    holds: up >= batch && up <= LIMIT * batch,
    detail:
      `${up} bytes a step to the device, ${(up / batch).toFixed(4)} of the batch's ${batch} ` +
      `(at most ${LIMIT}); ${down} bytes from it`,
  };
}
