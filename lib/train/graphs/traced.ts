/** The named parts of a graph: where a number that is not finite first appears shows in their results. */
import { topological, type Value } from "../../graph/mod.ts";

/** What the names of outputs that hold a part's result start with; the part's own name follows. */
export const TRACED = "at ";

/**
 * The result of every named part of what `outputs` reach, in the order in which they are computed: of the float32 values that were
 * made in a scope, the last one.
 *
 * @returns values by {@linkcode TRACED} and the part.
 */
export function traced(outputs: readonly Value[]): Record<string, Value> {
  const results = new Map<string, Value>();
  for (const value of topological(outputs)) {
    if (value.scope === "" || value.dtype !== "float32") continue;
    if (value.op === "Input" || value.op === "Constant") continue;
    results.delete(value.scope); // a later value comes later in the order, too
    results.set(value.scope, value);
  }
  return Object.fromEntries([...results].map(([scope, value]) => [TRACED + scope, value]));
}
