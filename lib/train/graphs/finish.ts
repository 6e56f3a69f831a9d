/** The finish graph: what a step's gradient amounts to, and the buffers that follow from it. */
import { emit } from "../../onnx/mod.ts";
import { input, less, type Value, where } from "../../graph/mod.ts";
import { biasCorrections, finish, nextLossScale, unscaling } from "../../optim/mod.ts";
import type { Binder, Run } from "./binder.ts";

/** What the graph is made for. */
export interface FinishOptions {
  /** Chunks of the gradient. */
  readonly chunks: number;
  /** Micro-batches of a step. */
  readonly accumulate: number;
  /** Largest L2 norm, or null. */
  readonly clip: number | null;
  /** Of an optimiser that corrects the bias of its moments, else null. */
  readonly betas: readonly [number, number] | null;
  /** Elements of the model's buffers; 0 if it has none. */
  readonly buffers: number;
  /** Whether the gradients come multiplied by a loss scale. */
  readonly scalesLoss: boolean;
}

/**
 * `squares` `[chunks]`, `loss`, `steps` -> `norm`, `finite`, `scale`, `steps after`, `firstCorrection`, `secondCorrection`; and
 * `next`, `buffers` -> `buffers after`: the next buffers if the step counts; and `lossScale`, `goodSteps` -> both after.
 * Everything "after" may be written over what it replaces.
 */
export function finishGraph(options: FinishOptions): Uint8Array<ArrayBuffer> {
  const { chunks, betas, buffers, scalesLoss } = options;
  const squares = input("squares", "float32", [chunks]);
  const [loss, before] = [input("loss", "float32", [1]), input("steps", "float32", [1])];
  const unscale = scalesLoss ? unscaling(input("lossScale", "float32", [1])) : undefined;
  const { norm, finite, scale, steps } = finish(squares, loss, before, { ...options, unscale });
  const outputs: Record<string, Value> = {
    norm,
    finite,
    scale,
    "steps after": steps,
    ...betas ? biasCorrections(steps, betas) : {},
  };
  if (unscale) {
    const next = nextLossScale(unscale, input("goodSteps", "float32", [1]), finite);
    outputs["lossScale after"] = next.scale;
    outputs["goodSteps after"] = next.goodSteps;
  }
  if (buffers > 0) {
    const [next, current] = [
      input("next", "float32", [buffers]),
      input("buffers", "float32", [buffers]),
    ];
    outputs["buffers after"] = where(less(0, finite), next, current);
  }
  return emit(outputs, { name: "finish" });
}

/** Reads `squares`, the step's loss and the next buffers; writes the step's cells and `buffers`. */
export function bindFinish(
  binder: Binder,
  options: Pick<FinishOptions, "accumulate" | "clip" | "betas" | "scalesLoss">,
): Run {
  const { squares, buffers, next, cells } = binder.state;
  const size = buffers.elements;
  const chunks = squares.elements;
  const inputs = {
    squares: squares.tensor(0, [chunks]),
    loss: cells.tensor(options.accumulate > 1 ? "lossSum" : "loss"),
    ...binder.cells(options.scalesLoss ? ["steps", "lossScale", "goodSteps"] : ["steps"]),
  };
  const outputs = {
    ...binder.cells(["norm", "finite", "scale"]),
    ...binder.cells(options.betas ? ["firstCorrection", "secondCorrection"] : []),
    "steps after": cells.tensor("steps"),
    ...options.scalesLoss
      ? {
        "lossScale after": cells.tensor("lossScale"),
        "goodSteps after": cells.tensor("goodSteps"),
      }
      : {},
  };
  const session = binder.session(finishGraph({ ...options, chunks, buffers: size }));
  const gated = size === 0 ? null : {
    inputs: { next: next.tensor(0, [size]), buffers: buffers.tensor(0, [size]) },
    outputs: { "buffers after": buffers.tensor(0, [size]) },
  };
  const binding = binder.bind(
    session,
    { ...inputs, ...gated?.inputs },
    { ...outputs, ...gated?.outputs },
  );
  return () => binding.run();
}
