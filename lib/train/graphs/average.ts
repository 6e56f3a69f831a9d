/** The average graph: the moving average of a chunk of the parameters. */
import { emit } from "../../onnx/mod.ts";
import { input } from "../../graph/mod.ts";
import { average } from "../../optim/mod.ts";
import type { Slab } from "../slab.ts";
import type { Binder, Run } from "./binder.ts";

/** `average`, `parameter` `[chunk]`, `finite` -> `average after`, which may be written over `average`. */
export function averageGraph(chunk: number, decay: number): Uint8Array<ArrayBuffer> {
  const after = average(
    input("average", "float32", [chunk]),
    input("parameter", "float32", [chunk]),
    decay,
    input("finite", "float32", [1]),
  );
  return emit({ "average after": after }, { name: "average" });
}

/** Moves `averages` towards `parameters`, after the update of a step that counts. */
export function bindAverage(binder: Binder, averages: Slab, decay: number): Run {
  const { parameters } = binder.state;
  const graph = (elements: number) => averageGraph(elements, decay);
  return binder.overChunks(graph, (part) => ({
    inputs: {
      average: part(averages),
      parameter: part(parameters),
      ...binder.cells(["finite"]),
    },
    outputs: { "average after": part(averages) },
  }));
}
