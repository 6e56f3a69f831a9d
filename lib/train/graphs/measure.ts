/** The measure graph: the squared norm of a chunk of the gradient. */
import { emit } from "../../onnx/mod.ts";
import { input } from "../../graph/mod.ts";
import { squaredNorm } from "../../optim/mod.ts";
import type { Binder, Run } from "./binder.ts";

/** `gradient` `[chunk]` -> `squares` `[1]`. */
export function measureGraph(chunk: number): Uint8Array<ArrayBuffer> {
  return emit({ squares: squaredNorm(input("gradient", "float32", [chunk])) }, { name: "measure" });
}

/** Writes the squared norm of every chunk of `sums` to `squares`. */
export function bindMeasure(binder: Binder): Run {
  const { sums, squares } = binder.state;
  return binder.overChunks(measureGraph, (part, _chunk, i) => ({
    inputs: { gradient: part(sums) },
    outputs: { squares: squares.tensor(i, [1]) },
  }));
}
