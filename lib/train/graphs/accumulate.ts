/** The accumulate graph: adds a micro-batch's gradient and loss to the step's. */
import { emit } from "../../onnx/mod.ts";
import { add, input, less, where } from "../../graph/mod.ts";
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

/** Adds `gradients` to `sums`, and the loss to its sum. */
export function bindAccumulate(binder: Binder): Run {
  const { layout, sums, gradients, cells } = binder.state;
  const addGradients = binder.overChunks(accumulateGraph(layout.chunk), (chunk) => ({
    inputs: { sum: chunk(sums), gradient: chunk(gradients), ...binder.cells(["isFirst"]) },
    outputs: { "sum after": chunk(sums) },
  }));
  const [loss, lossSum] = [cells.tensor("loss"), cells.tensor("lossSum")];
  const addLoss = binder.bind(
    binder.session(accumulateGraph(1)),
    { sum: lossSum, gradient: loss, ...binder.cells(["isFirst"]) },
    { "sum after": lossSum },
  );
  return () => {
    addGradients();
    addLoss.run();
  };
}
