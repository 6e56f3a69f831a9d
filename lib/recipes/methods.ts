/** What a method's name stands for. Explicit options win over it. */
import type { Method, Sampling } from "./config.ts";

/** Defaults of each method. The paper's ablation is the two switches, each on its own. */
export const METHOD_DEFAULTS: Readonly<
  Record<Method, { readonly sampling: Sampling; readonly alignWeight: number }>
> = {
  ccmim: { sampling: "importance", alignWeight: 0.1 },
  mae: { sampling: "random", alignWeight: 0 },
};
