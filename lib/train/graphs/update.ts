/** The update graph: one AdamW step of a chunk of the parameters. */
import { emit } from "../../onnx/mod.ts";
import { input } from "../../graph/mod.ts";
import { adamw, type AdamWOptions } from "../../optim/mod.ts";
import type { Cell } from "../cells.ts";
import type { Binder, Run } from "./binder.ts";

const SCALARS = [
  "lr",
  "scale",
  "finite",
  "firstCorrection",
  "secondCorrection",
] as const satisfies readonly Cell[];

/**
 * `parameter`, `first`, `second`, `gradient` `[chunk]`, the step's cells and `weightDecay` -> `parameter after`, `first after`,
 * `second after`, which may be written over what they replace.
 */
export function updateGraph(chunk: number, options: AdamWOptions): Uint8Array<ArrayBuffer> {
  const flat = (name: string) => input(name, "float32", [chunk]);
  const cell = (name: Cell) => input(name, "float32", [1]);
  const [lr, scale, finite, firstCorrection, secondCorrection] = SCALARS.map(cell);
  const after = adamw(
    { parameter: flat("parameter"), first: flat("first"), second: flat("second") },
    flat("gradient"),
    {
      lr: lr!,
      scale: scale!,
      finite: finite!,
      firstCorrection: firstCorrection!,
      secondCorrection: secondCorrection!,
    },
    { ...options, weightDecay: cell("weightDecay") },
  );
  return emit({
    "parameter after": after.parameter,
    "first after": after.first,
    "second after": after.second,
  }, { name: "update" });
}

/** Steps `parameters` and their moments by `sums`. */
export function bindUpdate(binder: Binder, options: AdamWOptions): Run {
  const { cells, parameters, first, second, sums } = binder.state;
  const graph = (elements: number) => updateGraph(elements, options);
  return binder.overChunks(graph, (part, { weightDecay }) => ({
    inputs: {
      parameter: part(parameters),
      first: part(first),
      second: part(second),
      gradient: part(sums),
      ...binder.cells(SCALARS),
      weightDecay: cells.tensor(weightDecay > 0 ? "weightDecay" : "zero"),
    },
    outputs: {
      "parameter after": part(parameters),
      "first after": part(first),
      "second after": part(second),
    },
  }));
}
