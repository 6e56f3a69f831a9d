/** What a run's precision means for its graphs and sessions. */
import type { Lowering } from "../lower/mod.ts";
import type { Precision } from "../recipes/mod.ts";

/** How graphs are lowered, and whether float32 products may run as TF32. */
export const PRECISION_OPTIONS: {
  readonly [K in Precision]: { readonly lower: Lowering | null; readonly tf32: boolean };
} = {
  float32: { lower: null, tf32: false },
  tf32: { lower: null, tf32: true },
  bfloat16: { lower: { type: "bfloat16" }, tf32: false },
  float16: { lower: { type: "float16" }, tf32: false },
};
