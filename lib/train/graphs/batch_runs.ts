/** Runs of a graph on one batch after the other. */
import type { Binding, Session, Tensors } from "../../runtime/mod.ts";
import { batchInputs } from "./batch_inputs.ts";

/** A batch, and where it lies: batches at the same place come by turns in the same tensors. */
export interface PlacedBatch {
  readonly tensors: Tensors;
  /** 0, 1, ... */
  readonly place: number;
}

/**
 * A session with a binding for each place that batches come from, so that nothing is bound again as they take turns, and so that
 * captured runs find what they read where it was.
 */
export class BatchRuns implements Disposable {
  readonly #session: Session;
  readonly #fixed: { readonly inputs: Tensors; readonly outputs: Tensors };
  readonly #captures: boolean;
  readonly #places: ({ readonly batch: Tensors; readonly binding: Binding } | undefined)[] = [];

  /**
   * @param options.inputs all inputs but the batch's.
   * @param options.captures whether the session captures its runs: as one CUDA graph a place.
   */
  constructor(
    session: Session,
    options: { readonly inputs: Tensors; readonly outputs: Tensors; readonly captures: boolean },
  ) {
    this.#session = session;
    this.#fixed = options;
    this.#captures = options.captures;
  }

  /**
   * Runs on a batch.
   *
   * @param batch the inputs that are no state; it may hold more.
   * @throws {TypeError} if runs are captured and the place's tensors are not those of its first run.
   */
  run(batch: Tensors, place = 0): void {
    this.#bindingAt(place, batchInputs(this.#session, batch)).run();
  }

  [Symbol.dispose](): void {
    for (const place of this.#places) place?.binding[Symbol.dispose]();
  }

  #bindingAt(place: number, batch: Tensors): Binding {
    const bound = this.#places[place];
    if (bound !== undefined) {
      if (Object.entries(batch).every(([name, tensor]) => bound.batch[name] === tensor)) {
        return bound.binding;
      }
      if (this.#captures) {
        throw new TypeError(`Cannot run on other tensors at place ${place}: its run was captured`);
      }
      bound.binding[Symbol.dispose]();
    }
    const { inputs, outputs } = this.#fixed;
    const binding = this.#session.bind({
      inputs: { ...inputs, ...batch },
      outputs,
      ...this.#captures ? { graph: place + 1 } : {},
    });
    this.#places[place] = { batch, binding };
    return binding;
  }
}
