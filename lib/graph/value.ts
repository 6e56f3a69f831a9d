/** Values: a value is an op applied to values. */
import type { DType, Shape } from "../tensor/mod.ts";
import type { Op, Ops } from "./ops.ts";

/** Element type and shape of a tensor. Shapes are static. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/**
 * The result of applying op `K` to values; immutable, compared by identity.
 *
 * A graph is what its outputs reach, so there is no builder and no dead code. An op with several outputs is
 * one value as well: used as an operand it stands for its first output, `Part` projects the others.
 */
export interface Value<K extends Op = Op> extends TensorType {
  readonly op: K;
  readonly inputs: Ops[K]["inputs"];
  readonly attrs: Ops[K]["attrs"];
  /** Types of all outputs; the first is the value's own type. */
  readonly outputs: readonly TensorType[];
  /** Where it was made: names joined by slashes, empty outside all. */
  readonly scope: string;
}

/**
 * True if `value` is an application of `op`; narrows the type.
 *
 * @example
 * ```ts
 * import { exp, input, is } from "./mod.ts";
 *
 * const y = exp(input("x", "float32", [4]));
 * console.assert(is(y, "Exp") && !is(y, "Log"));
 * ```
 */
export function is<K extends Op>(value: Value, op: K): value is Value<K> {
  return value.op === op;
}
