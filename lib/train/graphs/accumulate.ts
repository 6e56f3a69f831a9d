/** The accumulate graph: adds a micro-batch's gradient and loss to the step's. */
import { emit } from "../../onnx/mod.ts";
import { add, input, less, where } from "../../graph/mod.ts";
import type { Tensor } from "../../runtime/mod.ts";
import type { Binder, Run } from "./binder.ts";

/**
 * `sum`, `gradient` `[chunk]`, `isFirst` -> `sum after`: the gradient alone in a step's first micro-batch, so that nothing of an
 * earlier step (a NaN, say) remains. May be written over `sum`.
 */
export function accumulateGraph(chunk: number): Uint8Array<ArrayBuffer> {
  const sum = input("sum", "float32", [chunk]);
  const gradient = input("gradient", "float32", [chunk]);
  const isFirst = less(0, input("isFirst", "float32", [1]));
  return emit({ "sum after": where(isFirst, gradient, add(sum, gradient)) }, {
    name: "accumulate",
  });
}

/** Adds `gradients` to `sums`, and the loss to its sum: `first` for a step's first micro-batch, `further` for the others. */
export function bindAccumulate(binder: Binder): { readonly first: Run; readonly further: Run } {
  const { sums, gradients, cells } = binder.state;
  const [loss, lossSum] = [cells.tensor("loss"), cells.tensor("lossSum")];
  const session = binder.session(accumulateGraph(1));
  // Bound twice to constants, so that no scalar need be written between two micro-batches
  const bind = (isFirst: Tensor): Run => {
    const addGradients = binder.overChunks(accumulateGraph, (part) => ({
      inputs: { sum: part(sums), gradient: part(gradients), isFirst },
      outputs: { "sum after": part(sums) },
    }));
    const addLoss = binder.bind(session, { sum: lossSum, gradient: loss, isFirst }, {
      "sum after": lossSum,
    });
    return () => {
      addGradients();
      addLoss.run();
    };
  };
  return { first: bind(cells.constant(1)), further: bind(cells.constant(0)) };
}
