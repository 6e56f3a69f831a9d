/** Emits values, runs them on ONNX Runtime and gives their elements back as numbers. */
import { emit } from "../lib/onnx/mod.ts";
import { topological, type Value } from "../lib/graph/mod.ts";
import { Environment, type Session, type TensorData } from "../lib/runtime/mod.ts";
import { arrayOver, type DType, DTYPES, type Shape, showShape, sizeOf } from "../lib/tensor/mod.ts";

/** Elements in row-major order; numbers whatever the element type. */
export type Numbers = ArrayLike<number>;

let environment: Environment | null = null;
Deno.test.beforeAll(() => void (environment = Environment.open()));
Deno.test.afterAll(() => environment?.[Symbol.dispose]());

/** ONNX Runtime's data for some numbers. */
function tensorData(dtype: DType, shape: Shape, elements: Numbers): TensorData {
  if (elements.length !== sizeOf(shape)) {
    throw new RangeError(`Cannot fill ${showShape(shape)} with ${elements.length} elements`);
  }
  const data = arrayOver(dtype, new Uint8Array(elements.length * DTYPES[dtype].bytes));
  if (data instanceof BigInt64Array) {
    for (let i = 0; i < elements.length; i++) data[i] = BigInt(elements[i]!);
  } else data.set(elements);
  return { dtype, shape, data } as TensorData;
}

/** A session of this file's environment, with one thread; the caller disposes it. */
export function openSession(model: Uint8Array): Session {
  if (environment === null) throw new TypeError("Cannot open a session outside a test");
  return environment.session(model, { threads: 1 });
}

/** A graph that is ready to run on numbers. */
export interface Runner<Name extends string> extends Disposable {
  /** Inputs by name, in the input values' shapes -> outputs by name. */
  run(inputs: Readonly<Record<string, Numbers>>): Record<Name, number[]>;
}

/** Emits `outputs` and opens a session for them; inputs that the graph does not read may be given as well. */
export function open<Name extends string>(outputs: Readonly<Record<Name, Value>>): Runner<Name> {
  const inputs = topological(Object.values(outputs)).filter((x) => x.op === "Input");
  const session = openSession(emit(outputs, { name: "test" }));
  return {
    run(given) {
      const tensors = inputs.map((x) => {
        const { name } = (x as Value<"Input">).attrs;
        const elements = given[name];
        if (elements === undefined) throw new TypeError(`Cannot run without the input "${name}"`);
        return [name, tensorData(x.dtype, x.shape, elements)] as const;
      });
      const results = session.run(Object.fromEntries(tensors));
      const numbers = Object.entries(results).map(([name, { data }]) =>
        [name, Array.from(data as ArrayLike<number | bigint>, Number)] as const
      );
      return Object.fromEntries(numbers) as Record<Name, number[]>;
    },
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}

/** Emits `outputs`, runs them once on `inputs` and returns the elements of each. */
export function evaluate<Name extends string>(
  outputs: Readonly<Record<Name, Value>>,
  inputs: Readonly<Record<string, Numbers>> = {},
): Record<Name, number[]> {
  using runner = open(outputs);
  return runner.run(inputs);
}
