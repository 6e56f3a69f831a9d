/** Mixed precision: products in a 16-bit type, all that decides over the result in float32. */
import { sizeOf } from "../tensor/mod.ts";
import { apply, is, type Op, type Ops, scoped, topological, type Value } from "../graph/mod.ts";
import { CUDA_KERNELS } from "./cuda_kernels.ts";
import { type LowForm, simulatedLow, storedLow } from "./low_form.ts";
import type { LowType } from "./low_type.ts";
import { roleOf } from "./roles.ts";

/** How a graph is lowered. */
export interface Lowering {
  readonly type: LowType;
  /** Round to the type's grid and stay float32, so that a provider without 16-bit kernels can run the graph. */
  readonly simulate?: boolean;
}

/**
 * The same outputs, float32 all, with products and what lies between them in the low type. Runs after differentiation and
 * fusion, over a graph in float32.
 *
 * By role (see `roles.ts`), as far as there are kernels (see `cuda_kernels.ts`):
 *
 * - A product runs low if it belongs to a layer: an operand is a weight, is low, or is what a layer's product reads. So the
 *   resampling of images and the contrast of the loss stay float32.
 * - A weight's gradient, and the sum of rows that a bias's is, goes up at once: what is added to it is added in float32.
 * - An elementwise op runs low if all its operands are low, but for numbers and a bias. One float32 operand makes it float32:
 *   so the residual stream, which begins with float32 positions, is float32 throughout, and so is its cotangent.
 * - LayerNormalization, statistics, softmax's arithmetic, losses and ranking are float32.
 *
 * A value is cast at most once in each direction, a weight before its layout is changed.
 *
 * @param options.weights the inputs that are parameters.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { mixPrecision } from "./mod.ts";
 *
 * const x = graph.input("x", "float32", [8, 16]);
 * const weight = graph.input("weight", "float32", [16, 4]);
 * const [y] = mixPrecision([graph.matmul(x, weight)], {
 *   type: "bfloat16",
 *   weights: new Set([weight]),
 * });
 * console.assert(y!.op === "Cast" && y!.dtype === "float32"); // of a product in bfloat16
 * ```
 */
export function mixPrecision(
  outputs: readonly Value[],
  options: Lowering & { readonly weights: ReadonlySet<Value> },
): Value[] {
  const order = topological(outputs);
  const mixer = new Mixer(order, options);
  for (const value of order) scoped(value.scope, () => mixer.visit(value));
  return outputs.map((value) => scoped(value.scope, () => mixer.high(value)));
}

/** Layout ops that cost nothing, or nothing beside a cast. */
const FREE: ReadonlySet<Op> = new Set<Op>(["Reshape", "StopGradient"]);

/** Elementwise ops one of whose operands may be a bias. */
const ADDS_BIAS: ReadonlySet<Op> = new Set<Op>(["Add", "BiasGelu"]);

const isFloat = (x: Value) => x.dtype === "float32";

class Mixer {
  readonly #type: LowType;
  readonly #weights: ReadonlySet<Value>;
  readonly #form: LowForm;
  /** Old values that a product reads. */
  readonly #multiplied: ReadonlySet<Value>;
  /** What old values have become, in float32 (or in their own type) and in the low type. */
  readonly #high = new Map<Value, Value>();
  readonly #low = new Map<Value, Value>();
  /** Old values that are computed low. */
  readonly #native = new Set<Value>();

  constructor(
    order: readonly Value[],
    { type, weights, simulate }: Lowering & { readonly weights: ReadonlySet<Value> },
  ) {
    const products = order.filter((value) => roleOf(value) === "product");
    this.#multiplied = new Set(products.flatMap(({ inputs }) => inputs));
    this.#type = type;
    this.#weights = weights;
    this.#form = (simulate ? simulatedLow : storedLow)(type);
  }

  /** Makes the new value of `value`, whose operands have been visited. */
  visit<K extends Op>(value: Value<K>): void {
    if (!this.#runsLow(value)) {
      const operands = value.inputs.map((x) => this.high(x));
      const same = operands.every((x, i) => x === value.inputs[i]);
      this.#high.set(value, same ? value : reapply(value, operands));
      return;
    }
    const operands = value.inputs.map((x) => isFloat(x) ? this.#lowered(x) : this.high(x));
    const made = reapply(value, operands, this.#form);
    if (!isFloat(value)) return void this.#high.set(value, made);
    const low = roleOf(value) === "layout" ? made : this.#form.result(made);
    this.#low.set(value, low);
    if (is(value, "MatMul") && this.#isSumOverRows(value)) {
      this.#high.set(value, this.#form.raise(low));
    } else this.#native.add(value);
  }

  /** The new value in float32, or in its own type if that is no float. */
  high(value: Value): Value {
    let high = this.#high.get(value);
    if (high === undefined) {
      const source = this.#follows(value, this.#high);
      high = source ? reapply(value, [this.high(source)]) : this.#form.raise(this.#lowered(value));
      this.#high.set(value, high);
    }
    return high;
  }

  /** The new value in the low type. */
  #lowered(value: Value): Value {
    let low = this.#low.get(value);
    if (low === undefined) {
      const source = this.#follows(value, this.#low);
      low = source ? reapply(value, [this.#lowered(source)]) : this.#form.lower(this.high(value));
      this.#low.set(value, low);
    }
    return low;
  }

  /** The operand to cast in place of `value`, which only moves its elements; null if `value` itself is to be cast. */
  #follows(value: Value, done: ReadonlyMap<Value, Value>): Value | null {
    const [source] = value.inputs;
    if (source === undefined || value.inputs.length > 1 || value.op === "Part") return null;
    if (roleOf(value) !== "layout" || !this.#hasKernel(value)) return null;
    return FREE.has(value.op) || done.has(source) || this.#isWeight(source) ? source : null;
  }

  #runsLow(value: Value): boolean {
    if (!this.#hasKernel(value)) return false;
    const floats = value.inputs.filter(isFloat);
    const isNative = (x: Value) => this.#native.has(x);
    switch (roleOf(value)) {
      case "leaf":
      case "float32":
        return false;
      case "product":
        return floats.some((x) => is(x, "Constant"))
          ? floats.some(isNative)
          : floats.some((x) => this.#isLayers(x));
      case "attention":
        return floats.every(isNative) && this.#multiplied.has(value);
      case "between": {
        const mayLower = (x: Value) =>
          isNative(x) || is(x, "Constant") && sizeOf(x.shape) === 1 ||
          ADDS_BIAS.has(value.op) && this.#isWeight(x);
        return floats.some(isNative) && floats.every(mayLower);
      }
      case "layout":
        return floats.length > 0 && floats.every(isNative);
    }
  }

  #hasKernel({ op }: Value): boolean {
    return CUDA_KERNELS[op].includes(this.#type);
  }

  /** True if a layer's product reads `x`, or made it. */
  #isLayers(x: Value): boolean {
    if (this.#low.has(x) || this.#isWeight(x)) return true;
    return FREE.has(x.op) && this.#isLayers(x.inputs[0]!);
  }

  /** True for a parameter, and its elements in another layout. */
  #isWeight(x: Value): boolean {
    if (this.#weights.has(x)) return true;
    return roleOf(x) === "layout" && x.inputs.length === 1 && this.#isWeight(x.inputs[0]!);
  }

  /** True for the gradient of a weight or bias: a plain matrix of two activations, or of ones and one. */
  #isSumOverRows({ shape, inputs }: Value<"MatMul">): boolean {
    return shape.length === 2 && !inputs.some((x) => this.#isWeight(x));
  }
}

/** The same op on other operands; numbers as kernels of the form see them. */
function reapply<K extends Op>(value: Value<K>, operands: readonly Value[], form?: LowForm): Value {
  const inputs = operands as unknown as Ops[K]["inputs"];
  if (form && is(value, "MatMul")) {
    const attrs = { ...value.attrs, alpha: form.attribute(value.attrs.alpha) };
    return apply("MatMul", inputs as Ops["MatMul"]["inputs"], attrs);
  }
  return apply(value.op, inputs, value.attrs);
}
