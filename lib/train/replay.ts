/** A step that was not finite, looked at again. */
import type { DeviceOption, RunConfig } from "../recipes/mod.ts";
import { DataError } from "../data/mod.ts";
import { chooseDevice, showDevice } from "../runtime/mod.ts";
import { readDivergence } from "./divergence.ts";
import { openEngine } from "./open_engine.ts";
import { PRECISION_OPTIONS } from "./precision.ts";
import { firstNotFinite, type Range } from "./ranges.ts";
import type { RunKind } from "./run_kind.ts";
import { traceBatch } from "./trace.ts";
import { openComputer } from "./trainer.ts";

/** What is replayed, and where. */
export interface ReplayRequest {
  /** A run's `divergence` folder. */
  readonly folder: string;
  /** Where to compute; where the run did unless given. */
  readonly device?: DeviceOption | undefined;
}

/** A micro-batch of the step. */
export interface ReplayedBatch {
  readonly index: number;
  /** Paths of its images in the dataset's source. */
  readonly paths: readonly string[];
  /** All named tensors, in the order in which they are computed. */
  readonly ranges: readonly Range[];
  /** Name of the first that is not finite; null if all are. */
  readonly firstNotFinite: string | null;
}

/** What the step came to. */
export interface Replay {
  readonly folder: string;
  readonly step: number;
  /** True if the parameters may be those of a later step. */
  readonly isLate: boolean;
  readonly device: string;
  readonly batches: readonly ReplayedBatch[];
}

/**
 * Computes the micro-batches of a step that diverged again, from the parameters that it started from. Needs neither dataset nor
 * checkpoint, and changes nothing.
 *
 * @throws {DataError} if the folder cannot be used, or is of another kind.
 * @throws {EnvironmentError} if ONNX Runtime or the device cannot be used.
 *
 * @internal
 */
export function replay<C extends RunConfig>(
  { command, model, parse }: RunKind<C>,
  { folder, device: option }: ReplayRequest,
  warning: (text: string) => void = () => {},
): Replay {
  const saved = readDivergence(folder);
  if (saved.command !== command) {
    throw new DataError(
      `Cannot replay ${folder}: it is of ccmim ${saved.command}; use its --replay`,
    );
  }
  const { storedSize } = saved;
  const started = parseSaved(parse, saved.config, folder);
  const device = showDevice(chooseDevice(option ?? started.device).device);
  const config: C = {
    ...started,
    device: device as RunConfig["device"],
    accumulate: 1,
    recompute: "none",
  };
  using stack = new DisposableStack();
  const context = openComputer(stack, config, { warning });
  const { threads } = config;
  const session = { threads, tf32: PRECISION_OPTIONS[config.precision].tf32 };
  const { state } = stack.use(openEngine(context, config, { model, storedSize, session, warning }));
  state.loadModel(saved.model);
  if (saved.lossScale !== null) state.cells.set("lossScale", saved.lossScale);
  const batches = saved.batches.map((tensors, i) => {
    const ranges = traceBatch({ context, config, model, storedSize, session, state }, tensors);
    return {
      ...saved.microBatches[i]!,
      ranges,
      firstNotFinite: firstNotFinite(ranges)?.name ?? null,
    };
  });
  return { folder, step: saved.step, isLate: saved.isLate, device, batches };
}

function parseSaved<C>(parse: (config: unknown) => C, config: unknown, folder: string): C {
  try {
    return parse(config);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DataError(`Cannot replay ${folder}: ${error.message}`, { cause: error });
  }
}
