/** Binds graphs to a training state, once; what comes back just runs. */
import type { Binding, Environment, Session, SessionOptions, Tensors } from "../../runtime/mod.ts";
import type { Cell } from "../cells.ts";
import type { Slab } from "../slab.ts";
import type { TrainingState } from "../state.ts";

/** Runs something that is bound. Blocks until it is done. */
export type Run = () => void;

/** Makes sessions and bindings that live until it is disposed. */
export class Binder implements Disposable {
  readonly state: TrainingState;
  readonly #environment: Environment;
  readonly #options: SessionOptions;
  readonly #stack = new DisposableStack();

  constructor(environment: Environment, state: TrainingState, options: SessionOptions) {
    this.state = state;
    this.#environment = environment;
    this.#options = options;
  }

  session(model: Uint8Array): Session {
    return this.#stack.use(this.#environment.session(model, this.#options));
  }

  bind(session: Session, inputs: Tensors, outputs: Tensors): Binding {
    return this.#stack.use(session.bind({ inputs, outputs }));
  }

  /** The tensors of some cells, by name. */
  cells(names: readonly Cell[]): Tensors {
    return Object.fromEntries(names.map((name) => [name, this.state.cells.tensor(name)]));
  }

  /** One run over all chunks of the parameters, in order. */
  overChunks(
    model: Uint8Array,
    bindings: (chunk: (slab: Slab) => Tensors[string], start: number) => {
      inputs: Tensors;
      outputs: Tensors;
    },
  ): Run {
    const { chunk, elements } = this.state.layout;
    const session = this.session(model);
    const runs = Array.from({ length: elements / chunk }, (_, i) => {
      const start = i * chunk;
      const { inputs, outputs } = bindings((slab) => slab.tensor(start, [chunk]), start);
      return this.bind(session, inputs, outputs);
    });
    return () => runs.forEach((binding) => binding.run());
  }

  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}
