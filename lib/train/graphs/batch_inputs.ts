/** What a graph reads of a batch. */
import type { Session, Tensors } from "../../runtime/mod.ts";

/** The tensors of `batch` that the session has inputs for: `topk` sampling, for one, reads no noise. */
export function batchInputs(session: Session, batch: Tensors): Tensors {
  const names = session.inputs.map(({ name }) => name);
  return Object.fromEntries(Object.entries(batch).filter(([name]) => names.includes(name)));
}
