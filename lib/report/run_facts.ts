/** What configurations of all kinds of runs have in common, as far as a report tells it. */
import * as v from "valibot";
import type { RunFiles } from "../runs/mod.ts";

const count = v.pipe(v.number(), v.minValue(0));

const Facts = v.object({
  model: v.object({
    width: count,
    depth: count,
    heads: count,
    imageSize: count,
    patch: count,
  }),
  schedule: v.object({ steps: count, stepsPerEpoch: v.pipe(count, v.minValue(1)) }),
  batch: count,
  accumulate: count,
});

/** Sizes and schedule of a run. */
export type RunFacts = v.InferOutput<typeof Facts>;

/** The facts of a run; null where its configuration has others. */
export function runFacts({ config }: RunFiles): RunFacts | null {
  const parsed = v.safeParse(Facts, config);
  return parsed.success ? parsed.output : null;
}
