/** How much memory a run takes, foreseen from its configuration. */
import { decode, planMemory } from "../onnx/mod.ts";
import { batchLayout } from "../data/mod.ts";
import { MOMENTS } from "../optim/mod.ts";
import type { RunConfig } from "../recipes/mod.ts";
import { CPU_CHUNK } from "../runtime/mod.ts";
import type { EmittedGraph } from "./graphs/emitted.ts";
import { groupByDecay, layOut, UNGROUPED } from "./layout.ts";
import type { ModelSpec } from "./model_spec.ts";
import { PRECISION_OPTIONS } from "./precision.ts";

/** Bytes that a run takes at once where it computes. */
export interface MemoryEstimate {
  /** Parameters, gradients, their sums, moments, buffers, and the graphs' constants. */
  readonly state: number;
  /** Micro-batches that wait and those that are read. */
  readonly inputs: number;
  /** Intermediate results of the gradient graph, at their most. */
  readonly activations: number;
  /** All of it, in bytes. */
  readonly total: number;
}

/** The estimate, and what there is. */
export interface RunMemory extends MemoryEstimate {
  /** Bytes that the run may take. */
  readonly available: number;
}

/** Slots of the two loaders (see `streams.ts`), and places of their staging on a device. */
const SLOTS = 3 + 2, PLACES = 2 + 2;

/** What a run's memory depends on beside its configuration. */
export interface MemoryFacts<C extends RunConfig> {
  readonly model: ModelSpec<C>;
  /** Pixels a side of the stored images. */
  readonly storedSize: number;
}

/**
 * Foresees the memory of a run, on the CPU within some per cent of what ONNX Runtime reports. Not in it: what the process takes
 * without a model, about 120 MB, and on a GPU the CUDA context and the libraries' workspaces.
 *
 * @internal
 */
export function estimateMemory<C extends RunConfig>(
  config: C,
  { model, storedSize }: MemoryFacts<C>,
): MemoryEstimate {
  const { batch, accumulate, recompute, precision, optimiser } = config;
  const sizes = { batch, storedSize, crop: true };
  const { lower } = PRECISION_OPTIONS[precision];
  const isHost = config.device === "cpu";
  const planOf = ({ model }: EmittedGraph) =>
    planMemory(decode("Model", model).graph!, { growth: isHost ? "doubled" : "needed" });
  const gradient = planOf(model.gradient(config, sizes, { lower, recompute }));
  const evaluation = planOf(model.evaluation(config, sizes, { lower }));

  const chunk = isHost ? CPU_CHUNK : Infinity;
  const groupOf = model.groupOf?.(config) ?? groupByDecay(optimiser.weightDecay);
  const parameters = layOut(model.parameters(config), {
    groupOf,
    chunk: optimiser.kind === "lars" ? "tensor" : chunk,
  }).elements;
  const unmoved = { groupOf: UNGROUPED, chunk: "tensor" } as const;
  const frozen = layOut(model.frozen?.(config) ?? [], unmoved).elements;
  const buffers = layOut(model.buffers(config), { groupOf: UNGROUPED, chunk }).elements;
  const accumulates = accumulate > 1;
  // The parameters, their gradients and moments, and what is wanted of sums and averages
  const slabs = 2 + MOMENTS[optimiser.kind].length + Number(accumulates) +
    Number((model.averageDecay?.(config) ?? null) !== null);
  const elements = parameters * slabs + frozen + buffers * (2 + Number(accumulates));
  const state = elements * 4 + gradient.constants + evaluation.constants;

  const slot = batchLayout({ batch, size: storedSize, ...model.fields(config) }).byteLength;
  const inputs = slot * (isHost ? SLOTS : PLACES);
  // On the host one arena serves both graphs; on a device each has its own
  const activations = isHost
    ? Math.max(gradient.peak, evaluation.peak)
    : gradient.reserved + evaluation.reserved;
  return { state, inputs, activations, total: state + inputs + activations };
}

/** Micro-batches that are offered: powers of two below this, its multiples above. */
export const BATCH_STEP = 8;

/**
 * The largest micro-batch, at most `most`, whose run fits into `bytes`: a multiple of {@linkcode BATCH_STEP}, or a power of two
 * below it. Null if none fits.
 *
 * @internal
 */
export function largestBatch<C extends RunConfig>(
  config: C,
  facts: MemoryFacts<C> & { readonly bytes: number; readonly most: number },
): number | null {
  const { bytes, most } = facts;
  const least = facts.model.leastBatch(config);
  const totals = new Map<number, number>();
  const total = (batch: number) => {
    const known = totals.get(batch) ?? estimateMemory({ ...config, batch }, facts).total;
    totals.set(batch, known);
    return known;
  };
  const small = [4, 2, 1].filter((batch) => batch >= least && batch <= most);
  let [fits, low, high] = [0, 0, Math.floor(most / BATCH_STEP)];
  if (high >= 1 && total(BATCH_STEP) <= bytes) {
    // Nearly a straight line, so that a guess or two find the last multiple that fits
    [fits, low] = [BATCH_STEP, 1];
    while (low < high) {
      const [a, b] = [total(low * BATCH_STEP), total(2 * low * BATCH_STEP)];
      const guess = low + Math.floor(low * (bytes - a) / Math.max(1, b - a));
      const next = Math.min(high, Math.max(low + 1, guess));
      if (total(next * BATCH_STEP) <= bytes) [fits, low] = [next * BATCH_STEP, next];
      else high = next - 1;
    }
    return fits;
  }
  return small.find((batch) => total(batch) <= bytes) ?? null;
}
