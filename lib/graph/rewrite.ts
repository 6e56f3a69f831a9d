/** Rewriting: a new graph from an old one, operands first. */
import type { Op, Ops } from "./ops.ts";
import { inScope } from "./scope.ts";
import { topological } from "./traverse.ts";
import { apply } from "./type_rules.ts";
import type { Value } from "./value.ts";

/** What a rule may ask about the graph that it works on. */
export interface RewriteContext {
  /** How many operands and outputs of the old graph are this old value. */
  uses(value: Value): number;
  /** What an old value has become. */
  rewritten(value: Value): Value;
}

/** Gives the replacement of `value` (a value of the old graph), or null to keep it. */
export type RewriteRule = (value: Value, context: RewriteContext) => Value | null;

/**
 * Applies the first rule that fits to each value, operands first, and returns what `outputs` have become.
 *
 * @example
 * ```ts
 * import { input, neg, rewrite } from "./mod.ts";
 *
 * const x = input("x", "float32", [4]);
 * const [y] = rewrite([neg(neg(x))], [(value) => {
 *   const [inner] = value.inputs;
 *   return value.op === "Neg" && inner!.op === "Neg" ? inner!.inputs[0]! : null;
 * }]);
 * console.assert(y === x);
 * ```
 */
export function rewrite(outputs: readonly Value[], rules: readonly RewriteRule[]): Value[] {
  const order = topological(outputs);
  const uses = new Map<Value, number>();
  const count = (value: Value) => uses.set(value, (uses.get(value) ?? 0) + 1);
  outputs.forEach(count);
  order.forEach((value) => value.inputs.forEach(count));

  const done = new Map<Value, Value>();
  const context: RewriteContext = {
    uses: (value) => uses.get(value) ?? 0,
    rewritten: (value) => done.get(value) ?? value,
  };
  for (const value of order) {
    done.set(value, inScope(value.scope, () => replacement(value, rules, context)));
  }
  return outputs.map((value) => done.get(value)!);
}

function replacement(
  value: Value,
  rules: readonly RewriteRule[],
  context: RewriteContext,
): Value {
  for (const rule of rules) {
    const result = rule(value, context);
    if (result !== null) return result;
  }
  const inputs = value.inputs.map(context.rewritten);
  const same = inputs.every((x, i) => x === value.inputs[i]);
  return same ? value : apply(value.op, inputs as unknown as Ops[Op]["inputs"], value.attrs);
}
