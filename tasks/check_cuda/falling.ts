/** Training on one batch over and over. */
import type { Lowering } from "../../lib/lower/mod.ts";
import type { Device } from "../../lib/runtime/mod.ts";
import { openPretraining, readPretraining, uploadBatches } from "../check_fixtures/pretraining.ts";

/** What is trained, where. */
export interface FallingOptions {
  readonly device: Device;
  readonly lower: Lowering | null;
  readonly threads: number;
  readonly steps: number;
}

/** The losses of steps on the first batch of a folder of reference values, from its weights. */
export function lossesOnOneBatch(folder: string, options: FallingOptions): number[] {
  const { steps, ...how } = options;
  const fixture = readPretraining(folder);
  using run = openPretraining(fixture, how);
  const [batch] = uploadBatches(run, fixture, 1);
  return Array.from({ length: steps }, () => {
    const losses = run.engine.microBatch(batch!);
    run.engine.step(fixture.expected.f64.optimiser.lr).read();
    return losses.read().loss;
  });
}
