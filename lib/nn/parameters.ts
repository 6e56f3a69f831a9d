/** Parameters of a model: what there is, and which parts of it a graph reads. */
import { type Shape, showShape, sizeOf } from "../tensor/mod.ts";
import { input, type Value } from "../graph/mod.ts";

/** How a parameter starts. */
export type Init = "zeros" | "ones" | "xavier" | { readonly normal: number };

/** A trained tensor, by its name in checkpoints. */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly init: Init;
}

/** A graph input that is a contiguous part of a parameter: whole slices of its first axis. */
export interface ParameterView {
  readonly parameter: Parameter;
  /** Elements before the part. */
  readonly offset: number;
  readonly value: Value<"Input">;
}

/**
 * The parameters that a graph is built over. Asking for one makes a graph input, once; {@linkcode Parameters.views}
 * lists what was asked for, so that whoever runs the graph binds just that.
 */
export class Parameters {
  readonly #specs: ReadonlyMap<string, Parameter>;
  readonly #views = new Map<string, ParameterView>();

  constructor(specs: readonly Parameter[]) {
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
  }

  /** Everything that the graph reads. */
  get views(): readonly ParameterView[] {
    return [...this.#views.values()];
  }

  /** The whole parameter. @throws {RangeError} if there is none of that name. */
  get(name: string): Value {
    return this.#view(name, name, 0, this.#spec(name).shape);
  }

  /** True if there is a parameter of that name. */
  has(name: string): boolean {
    return this.#specs.has(name);
  }

  /** Rows `start <= i < end` of the first axis. @throws {RangeError} if they are not there. */
  rows(name: string, start: number, end: number): Value {
    const { shape } = this.#spec(name);
    const [length = 0, ...rest] = shape;
    if (!(0 <= start && start < end && end <= length)) {
      throw new RangeError(
        `Cannot take rows ${start}..${end} of ${name}: its shape is ${showShape(shape)}`,
      );
    }
    return this.#view(`${name}[${start}:${end}]`, name, start * sizeOf(rest), [
      end - start,
      ...rest,
    ]);
  }

  #spec(name: string): Parameter {
    const spec = this.#specs.get(name);
    if (spec === undefined) throw new RangeError(`Cannot find the parameter "${name}"`);
    return spec;
  }

  #view(key: string, name: string, offset: number, shape: Shape): Value {
    let view = this.#views.get(key);
    if (view === undefined) {
      view = { parameter: this.#spec(name), offset, value: input(key, "float32", shape) };
      this.#views.set(key, view);
    }
    return view.value;
  }
}
