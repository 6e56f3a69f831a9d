/** The same steps twice, in fresh engines. */
import { Buffer } from "node:buffer";
import type { TensorMap } from "../../lib/train/state.ts";
import { openRun, type RunOptions, takeSteps } from "./run.ts";
import type { Verdict } from "./verdict.ts";

const STEPS = 5;

/** Compares parameters, buffers and moments after {@linkcode STEPS} steps, byte by byte. */
export async function checkDeterminism(options: RunOptions): Promise<Verdict[]> {
  const once = async () => {
    using run = await openRun(options);
    takeSteps(run, STEPS);
    return new Map([...run.engine.state.model(), ...run.engine.state.optimiser()]);
  };
  const [first, second] = [await once(), await once()];
  const names = differing(first, second);
  const of = `${first.size} tensors after ${STEPS} steps`;
  return [{
    check: "determinism",
    what: `${options.name}, ${options.method}, ${options.precision}, batch ${options.batch}`,
    holds: names.length === 0,
    detail: names.length === 0
      ? `${of} are the same, byte by byte`
      : `${names.length} of ${of} differ: ${names.slice(0, 3).join(", ")}`,
  }];
}

/** Names of the tensors whose bytes differ, or that one side alone has. */
export function differing(a: TensorMap, b: TensorMap): string[] {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].filter((name) => {
    const [x, y] = [a.get(name), b.get(name)];
    return x === undefined || y === undefined || Buffer.compare(x.data, y.data) !== 0;
  });
}
