/** Names for parts of a graph: where a value was made, for profiles and messages. They change nothing that is computed. */

/** Open scopes, joined by slashes. Building a graph is synchronous, so one variable serves. */
let current = "";

/**
 * Runs `build`; values that it makes are tagged with `name` below the scopes that are open already.
 *
 * @example
 * ```ts
 * import { input, neg, scoped } from "./mod.ts";
 * const y = scoped("blocks.0", () => neg(input("x", "float32", [1])));
 * console.assert(y.scope === "blocks.0");
 * ```
 */
export function scoped<T>(name: string, build: () => T): T {
  return inScope(current && name ? `${current}/${name}` : current || name, build);
}

/** Runs `build` in just the scope `path`, whatever is open. */
export function inScope<T>(path: string, build: () => T): T {
  const outer = current;
  current = path;
  try {
    return build();
  } finally {
    current = outer;
  }
}

/** The scope that is open: names joined by slashes, empty outside all. */
export function openScope(): string {
  return current;
}
