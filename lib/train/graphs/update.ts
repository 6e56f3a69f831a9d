/** The update graph: one step of the optimiser for a chunk of the parameters. */
import { emit } from "../../onnx/mod.ts";
import { input, mul, type Value } from "../../graph/mod.ts";
import { MOMENTS, optimise, type Optimiser, STEP_SCALARS } from "../../optim/mod.ts";
import type { Tensor } from "../../runtime/mod.ts";
import { decays } from "../layout.ts";
import type { Binder, Run } from "./binder.ts";

/** What the graph is made for. */
export interface UpdateOptions {
  readonly optimiser: Optimiser;
  /** Whether the learning rate is to be multiplied by `lrScale`. */
  readonly scalesLr: boolean;
  /** Whether the chunk is a tensor of two axes or more. */
  readonly isMatrix: boolean;
}

/**
 * `parameter`, the optimiser's moments, `gradient` `[chunk]`, the step's cells, `weightDecay` and `lrScale` -> `parameter after` and
 * the moments after, which may be written over what they replace.
 */
export function updateGraph(chunk: number, options: UpdateOptions): Uint8Array<ArrayBuffer> {
  const { optimiser, scalesLr, isMatrix } = options;
  const flat = (name: string) => input(name, "float32", [chunk]);
  const cell = (name: string) => input(name, "float32", [1]);
  const by = (names: readonly string[], make: (name: string) => Value) =>
    Object.fromEntries(names.map((name) => [name, make(name)]));
  const scalars = by(STEP_SCALARS[optimiser.kind], cell);
  const after = optimise(
    optimiser,
    { parameter: flat("parameter"), moments: by(MOMENTS[optimiser.kind], flat) },
    {
      gradient: flat("gradient"),
      scalars: scalesLr ? { ...scalars, lr: mul(scalars.lr!, cell("lrScale")) } : scalars,
      weightDecay: cell("weightDecay"),
      isMatrix,
    },
  );
  const outputs = { parameter: after.parameter, ...after.moments };
  const named = Object.entries(outputs).map(([name, value]) => [`${name} after`, value]);
  return emit(Object.fromEntries(named), { name: "update" });
}

/** Steps `parameters` and their moments by `sums`. */
export function bindUpdate(binder: Binder, optimiser: Optimiser): Run {
  const { layout: { ranges }, cells, parameters, moments, sums } = binder.state;
  const scalesLr = ranges.some(({ lrScale }) => lrScale !== 1);
  return binder.overChunks(
    (elements, isMatrix) => updateGraph(elements, { optimiser, scalesLr, isMatrix }),
    (part, { weightDecay, lrScale, parameter }) => {
      // LARS has no decay for vectors
      const isDecayed = optimiser.kind !== "lars" || (parameter !== null && decays(parameter));
      const state: Record<string, Tensor> = { parameter: part(parameters) };
      for (const [name, slab] of moments) state[name] = part(slab);
      return {
        inputs: {
          ...state,
          gradient: part(sums),
          ...binder.cells(STEP_SCALARS[optimiser.kind]),
          ...isDecayed ? { weightDecay: cells.constant(weightDecay) } : {},
          ...scalesLr ? { lrScale: cells.constant(lrScale) } : {},
        },
        outputs: Object.fromEntries(
          Object.entries(state).map(([name, tensor]) => [`${name} after`, tensor]),
        ),
      };
    },
  );
}
