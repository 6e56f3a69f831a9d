/** The named parts of a graph: where a number that is not finite first appears shows in their results. */
import { topological, type Value } from "../../graph/mod.ts";

/** Name of the output that holds a part's result. */
export function tracedName(scope: string): string {
  return `at ${scope}`;
}

/**
 * The result of every named part of what `outputs` reach, in the order in which they are computed: of the float32 values that were
 * made in a scope, the last one.
 *
 * @returns values by {@linkcode tracedName}.
 */
export function traced(outputs: readonly Value[]): Record<string, Value> {
  const results = new Map<string, Value>();
  for (const value of topological(outputs)) {
    if (value.scope === "" || value.dtype !== "float32") continue;
    if (value.op === "Input" || value.op === "Constant") continue;
    results.delete(value.scope); // a later value comes later in the order, too
    results.set(value.scope, value);
  }
  return Object.fromEntries([...results].map(([scope, value]) => [tracedName(scope), value]));
}
