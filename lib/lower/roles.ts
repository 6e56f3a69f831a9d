/** What every op is to mixed precision: a table keyed by op. No model says anything about types. */
import type { Op, Value } from "../graph/mod.ts";

/**
 * - `leaf`: an input or constant; it has the type it has.
 * - `product`: runs low if a layer's operand takes part (see `mixed.ts`).
 * - `between`: what lies between products runs low if all that it reads is low.
 * - `attention`: probabilities run low between low products; those that only rank patches do not.
 * - `layout`: moves elements; as its operand.
 * - `float32`: never low.
 */
export type Role = "leaf" | "product" | "between" | "attention" | "layout" | "float32";

type RoleRule<K extends Op> = Role | ((value: Value<K>) => Role);

/** The table. */
export const ROLES: { readonly [K in Op]: RoleRule<K> } = {
  Input: "leaf",
  Constant: "leaf",

  Neg: "between",
  Sqrt: "between",
  Exp: "between",
  Log: "between",
  Erf: "between",
  Floor: "between",
  Abs: "between",
  Relu: "between",
  Gelu: "between",
  // From pixels, places and flags: places do not fit 8 bits
  Cast: "float32",
  StopGradient: "layout",
  // A mark that recomputation takes away
  Segment: "float32",
  Add: "between",
  Sub: "between",
  Mul: "between",
  Div: "between",
  Min: "between",
  Max: "between",
  Less: "between",
  Equal: "between",
  And: "float32",
  Where: "between",

  // A product with one column is a weighted mean of each row, of which LayerNormalization's gradient is made
  MatMul: ({ shape }) => shape.at(-1) === 1 ? "float32" : "product",

  // A row's own sum, which softmax's gradient takes of what is low already; all others are statistics, losses and gradients
  ReduceSum: ({ inputs: [x], attrs: { axes } }) => {
    const isRow = axes.length === 1 && (axes[0] === -1 || axes[0] === x.shape.length - 1);
    return isRow ? "between" : "float32";
  },
  ReduceMax: "float32",
  // Its kernel computes in float32 whatever it reads
  Softmax: "attention",
  LogSoftmax: "float32",
  LayerNormalization: "float32",

  Reshape: "layout",
  Transpose: "layout",
  Expand: "layout",
  Concat: "layout",
  Split: "layout",
  Slice: "layout",
  Pad: "layout",

  // Ranking
  Smallest: "float32",
  PermuteRows: "layout",
  Gather: "layout",

  Part: "layout",

  MultiHeadAttention: "between",
  BiasGelu: "between",
};

/**
 * The role of a value.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { roleOf } from "./mod.ts";
 *
 * const x = graph.input("x", "float32", [8, 16]);
 * console.assert(roleOf(graph.matmul(x, graph.transpose(x, [1, 0]))) === "product");
 * ```
 */
export function roleOf<K extends Op>(value: Value<K>): Role {
  const rule: RoleRule<K> = ROLES[value.op];
  return typeof rule === "function" ? rule(value) : rule;
}
