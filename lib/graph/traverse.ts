/** The order of a graph: operands before what uses them. */
import type { Value } from "./value.ts";

/**
 * Every value that `outputs` reach, each once, operands first. Depth is not bounded by the call stack.
 *
 * @param operands what a value waits for, if not just its operands.
 *
 * @example
 * ```ts
 * import { exp, input, topological } from "./mod.ts";
 *
 * const x = input("x", "float32", [4]);
 * const y = exp(x);
 * console.assert(String(topological([y]).map(({ op }) => op)) === "Input,Exp");
 * ```
 */
export function topological(
  outputs: readonly Value[],
  operands: (value: Value) => readonly Value[] = (value) => value.inputs,
): Value[] {
  const order: Value[] = [];
  const seen = new Set<Value>();
  for (const output of outputs) {
    const stack: { value: Value; waitsFor: readonly Value[]; next: number }[] = [];
    const enter = (value: Value) => {
      if (seen.has(value)) return;
      seen.add(value);
      stack.push({ value, waitsFor: operands(value), next: 0 });
    };
    enter(output);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const operand = top.waitsFor[top.next++];
      if (operand !== undefined) enter(operand);
      else order.push(stack.pop()!.value);
    }
  }
  return order;
}
