/** One micro-batch with the result of every named part of the model looked at. */
import { arrayOver } from "../tensor/mod.ts";
import type { DeviceContext, SessionOptions, TensorData } from "../runtime/mod.ts";
import type { RunConfig } from "../recipes/mod.ts";
import type { ModelSpec } from "./model_spec.ts";
import { PRECISION_OPTIONS } from "./precision.ts";
import { TRACED } from "./graphs/traced.ts";
import { type Range, rangeOf } from "./ranges.ts";
import type { TensorMap, TrainingState } from "./state.ts";

/** Where a trace runs. */
export interface TraceOptions<C extends RunConfig> {
  readonly context: DeviceContext;
  readonly config: C;
  readonly model: ModelSpec<C>;
  /** Pixels a side of the stored images. */
  readonly storedSize: number;
  readonly session: SessionOptions;
  readonly state: TrainingState;
}

/**
 * The ranges of what a batch holds, of the parameters, of every named part's result, of what is told of the batch and of the
 * gradients, in the order in which they are computed. The state is only read.
 *
 * @throws {OrtError} if there is not enough memory to keep all results at once.
 */
export function traceBatch<C extends RunConfig>(
  { context, config, model, storedSize, session: options, state }: TraceOptions<C>,
  batch: TensorMap,
): Range[] {
  const { lower } = PRECISION_OPTIONS[config.precision];
  const sizes = { batch: config.batch, storedSize, crop: true };
  const graph = model.gradient(config, sizes, { lower, trace: true });
  using session = context.session(graph.model, options);
  const read = new Set(session.inputs.map(({ name }) => name));
  const tensors = new Map([...batch].filter(([name]) => read.has(name)).sort(byName));
  const outputs = session.run({
    ...graph.scalesLoss ? { lossScale: state.cells.tensor("lossScale") } : {},
    ...state.inputs(graph.parameters),
    ...Object.fromEntries(graph.buffers.map(({ parameter: { name } }) => {
      return [name, state.buffer(state.buffers, name)];
    })),
    ...Object.fromEntries([...tensors].map(([name, { dtype, shape, data }]) => {
      return [name, { dtype, shape, data: arrayOver(dtype, data.slice()) } as TensorData];
    })),
  });
  const parameters = [...state.model()].map(([name, { data }]) =>
    rangeOf(name, arrayOver("float32", data.slice()))
  );
  return [
    ...[...tensors].map(([name, { dtype, data }]) =>
      rangeOf(name, arrayOver(dtype, data.slice()) as ArrayLike<number>)
    ),
    ...parameters,
    ...inOrder(graph.outputs).map((name) => {
      const shown = name.startsWith(TRACED) ? name.slice(TRACED.length) : name;
      return rangeOf(shown, outputs[name]!.data as ArrayLike<number>);
    }),
  ];
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** Forward before backward: parts, what is told, buffers, gradients. */
function inOrder(names: readonly string[]): string[] {
  const rank = (name: string) =>
    name.startsWith(TRACED) ? 0 : name.startsWith("next ") ? 2 : name.startsWith("grad ") ? 3 : 1;
  return [...names].sort((a, b) => rank(a) - rank(b));
}
