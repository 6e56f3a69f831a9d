/** Reverse mode: one loop over the graph; all that it knows of an op is the op's rule. */
import { DTYPES, showShape, sizeOf } from "../tensor/mod.ts";
import { add, filled } from "./build/mod.ts";
import { GRADIENT_RULES, type GradientRule } from "./gradient_rules.ts";
import type { Op } from "./ops.ts";
import { inScope } from "./scope.ts";
import { sumTo } from "./sum_to.ts";
import { topological } from "./traverse.ts";
import { is, type Value } from "./value.ts";

/**
 * The gradient of `y` with respect to each of `wrt`, as values of the same graph.
 *
 * @param y one float element.
 * @param wrt any values; usually inputs.
 * @returns in the order of `wrt`, each in its value's shape; null where `y` does not depend on it, or only through ops
 * whose derivative is zero.
 * @throws {TypeError} if `y` is not a single float, or depends on `wrt` through an op that has a derivative and no rule.
 *
 * @example
 * ```ts
 * import { gradient, input, mul, reduceSum } from "./mod.ts";
 *
 * const x = input("x", "float32", [3]);
 * const [dx] = gradient(reduceSum(mul(x, x), [0]), [x]);
 * console.assert(String(dx!.shape) === "3");
 * ```
 */
export function gradient(y: Value, wrt: readonly Value[]): (Value | null)[] {
  if (!DTYPES[y.dtype].float || sizeOf(y.shape) !== 1) {
    throw new TypeError(
      `Cannot differentiate ${y.dtype}${showShape(y.shape)}: it must be a single float`,
    );
  }
  const order = topological([y]);
  const wanted = dependents(order, new Set(wrt));
  // Cotangents by value and output; contributions are added up as they come
  const cotangents = new Map<Value, (Value | null)[]>();
  const contribute = (x: Value, output: number, dx: Value) => {
    const slots = cotangents.get(x) ?? x.outputs.map(() => null);
    const sum = slots[output];
    slots[output] = sum ? add(sum, dx) : dx;
    cotangents.set(x, slots);
  };

  if (wanted.has(y)) contribute(y, 0, filled(y.dtype, y.shape, 1));
  for (const value of order.toReversed()) {
    const dys = cotangents.get(value);
    if (dys === undefined) continue;
    if (is(value, "Part")) {
      const [whole] = value.inputs;
      if (wanted.has(whole)) contribute(whole, value.attrs.index, dys[0]!);
      continue;
    }
    inScope(`backward/${value.scope}`, () => {
      operandCotangents(value, dys).forEach((dx, i) => {
        const x = value.inputs[i]!;
        if (dx !== null && wanted.has(x)) contribute(x, 0, sumTo(dx, x.shape));
      });
    });
  }
  return wrt.map((x) => cotangents.get(x)?.[0] ?? null);
}

/** What the rule of `value` gives its operands; nothing if its op has no gradient. */
function operandCotangents<K extends Op>(
  value: Value<K>,
  dys: readonly (Value | null)[],
): readonly (Value | null)[] {
  const rule: GradientRule<K> | null = GRADIENT_RULES[value.op];
  return rule?.(dys[0] ?? filled(value.dtype, value.shape, 0), value, dys) ?? [];
}

/** The float values of `order` that a gradient flows from to one of `targets`, these included. */
function dependents(order: readonly Value[], targets: ReadonlySet<Value>): Set<Value> {
  const found = new Set<Value>();
  for (const value of order) {
    const passes = is(value, "Part") || GRADIENT_RULES[value.op] !== null;
    const depends = targets.has(value) || (passes && value.inputs.some((x) => found.has(x)));
    if (depends && DTYPES[value.dtype].float) found.add(value);
  }
  return found;
}
