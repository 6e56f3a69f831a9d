/** Losses on held-out images. */
import type { Session, Tensor, Tensors } from "../runtime/mod.ts";
import { batchInputs } from "./graphs/batch_inputs.ts";
import type { EmittedGraph } from "./graphs/gradient.ts";
import type { TrainingState } from "./state.ts";

/** Means over what was evaluated. */
export interface Evaluation {
  readonly rec: number;
  /** Reconstruction loss of a model that predicts the mean of its targets. */
  readonly mean: number;
}

/**
 * Evaluates the present parameters.
 *
 * @param session of `graph`.
 * @param batches tensors of each micro-batch; used before the next is asked for.
 */
export function evaluate(
  session: Session,
  graph: EmittedGraph,
  state: TrainingState,
  batches: Iterable<Tensors>,
): Evaluation {
  const inputs: Record<string, Tensor> = {};
  for (const view of graph.parameters) {
    inputs[view.value.attrs.name] = state.view(state.parameters, view);
  }
  const sum = { rec: 0, mean: 0 };
  let count = 0;
  for (const batch of batches) {
    const { rec, mean } = session.run({ ...inputs, ...batchInputs(session, batch) });
    sum.rec += Number(rec!.data[0]);
    sum.mean += Number(mean!.data[0]);
    count++;
  }
  return { rec: sum.rec / count, mean: sum.mean / count };
}
