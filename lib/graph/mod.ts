/** The graph engine: values, ops, type rules, reverse-mode differentiation, rewrites. @module */
export * from "./build/mod.ts";
export { fuse, REWRITE_NAMES, type RewriteName } from "./fuse.ts";
export { gradient } from "./gradient.ts";
export { GRADIENT_RULES, type GradientRule } from "./gradient_rules.ts";
export type { Op, Ops } from "./ops.ts";
export { recompute, type RecomputeOptions, segments } from "./recompute.ts";
export { rewrite, type RewriteContext, type RewriteRule } from "./rewrite.ts";
export { scoped } from "./scope.ts";
export { sumTo } from "./sum_to.ts";
export { topological } from "./traverse.ts";
export { apply } from "./type_rules.ts";
export { is, type TensorType, type Value } from "./value.ts";
