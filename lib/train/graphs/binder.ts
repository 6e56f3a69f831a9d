/** Binds graphs to a training state, once; what comes back just runs. */
import type {
  Binding,
  DeviceContext,
  Session,
  SessionOptions,
  Tensor,
  Tensors,
} from "../../runtime/mod.ts";
import { type Chunk, decays } from "../layout.ts";
import type { Slab } from "../slab.ts";
import type { TrainingState } from "../state.ts";

/** Runs something that is bound. On a device that runs ahead it is done later. */
export type Run = () => void;

/** Makes sessions and bindings that live until it is disposed. */
export class Binder implements Disposable {
  readonly state: TrainingState;
  readonly #context: DeviceContext;
  readonly #options: SessionOptions;
  readonly #stack = new DisposableStack();

  constructor(context: DeviceContext, state: TrainingState, options: SessionOptions) {
    this.state = state;
    this.#context = context;
    this.#options = options;
  }

  session(model: Uint8Array, options: SessionOptions = {}): Session {
    return this.#stack.use(this.#context.session(model, { ...this.#options, ...options }));
  }

  bind(session: Session, inputs: Tensors, outputs: Tensors): Binding {
    return this.#stack.use(session.bind({ inputs, outputs }));
  }

  /** The tensors of some cells, by name. */
  cells(names: readonly string[]): Tensors {
    return Object.fromEntries(names.map((name) => [name, this.state.cells.tensor(name)]));
  }

  /**
   * One run over all chunks of the parameters, in order.
   *
   * @param graph the model for chunks of so many elements; `isMatrix` if a chunk is one tensor of two axes or more.
   * @param bindings what a chunk reads and writes; `part` is the chunk's tensor in a slab.
   */
  overChunks(
    graph: (elements: number, isMatrix: boolean) => Uint8Array,
    bindings: (part: (slab: Slab) => Tensor, chunk: Chunk, index: number) => {
      inputs: Tensors;
      outputs: Tensors;
    },
  ): Run {
    const sessions = new Map<string, Session>();
    const runs = this.state.layout.chunks.map((chunk, i) => {
      const { start, elements, parameter } = chunk;
      const isMatrix = parameter !== null && decays(parameter);
      const key = `${elements} ${isMatrix}`;
      const session = sessions.get(key) ?? this.session(graph(elements, isMatrix));
      sessions.set(key, session);
      const { inputs, outputs } = bindings((slab) => slab.tensor(start, [elements]), chunk, i);
      return this.bind(session, inputs, outputs);
    });
    return () => runs.forEach((binding) => binding.run());
  }

  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
  }
}
