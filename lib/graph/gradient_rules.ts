/**
 * Gradient rules: for each op, from the cotangent `dy` of `y` the cotangents of its operands.
 *
 * A rule knows nothing of traversal: it neither undoes broadcasting nor adds up fan-out. `null` says that no gradient
 * flows to that operand, because the derivative is zero. Where it is not, and nobody has written the rule, the rule refuses: a
 * gradient that leaves out a path is wrong, and nothing would tell.
 */
import { DTYPES, sizeOf } from "../tensor/mod.ts";
import {
  add,
  cast,
  concat,
  constant,
  div,
  equal,
  erf,
  exp,
  expand,
  filled,
  inversePermutation,
  less,
  matmul,
  mul,
  neg,
  pad,
  part,
  permuteRows,
  reduceSum,
  reshape,
  slice,
  sub,
  transpose,
  where,
} from "./build/mod.ts";
import type { Op, Ops } from "./ops.ts";
import type { Value } from "./value.ts";

/** One entry, a cotangent or null, for each operand; the compiler checks the arity. */
export type Cotangents<Operands extends readonly Value[]> = {
  readonly [I in keyof Operands]: Value | null;
};

/**
 * The rule of op `K`.
 *
 * @param dy cotangent of the first output, in its shape.
 * @param y the application itself.
 * @param dys cotangents of all outputs, null where none flows; only ops with several outputs need it.
 */
export type GradientRule<K extends Op> = (
  dy: Value,
  y: Value<K>,
  dys: readonly (Value | null)[],
) => Cotangents<Ops[K]["inputs"]>;

/** A rule that refuses. */
function refuse(what: string, instead: string): () => never {
  return () => {
    throw new TypeError(`Cannot differentiate ${what}: ${instead}`);
  };
}

const STOP =
  "it has no gradient rule; pass it through stopGradient() if it is a constant of the loss";
const FUSE_LATER = "take the gradient first and fuse() afterwards";

/** The table: `null` for ops without operands or whose derivative is zero. */
export const GRADIENT_RULES: { readonly [K in Op]: GradientRule<K> | null } = {
  Input: null,
  Constant: null,

  Neg: (dy) => [neg(dy)],
  // d sqrt(x) = dx / (2 sqrt(x))
  Sqrt: (dy, y) => [div(mul(dy, 0.5), y)],
  Exp: (dy, y) => [mul(dy, y)],
  Log: (dy, { inputs: [x] }) => [div(dy, x)],
  // d erf(x) = 2/sqrt(pi) exp(-x^2) dx
  Erf: (dy, { inputs: [x] }) => [mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))],
  Floor: null,
  Abs: (dy, { inputs: [x] }) => [where(less(x, 0), neg(dy), dy)],
  Relu: (dy, { inputs: [x] }) => [where(less(0, x), dy, 0)],
  // With z = x/sqrt(2): d gelu(x) = 1/2 (1 + erf(z) + 2/sqrt(pi) z exp(-z^2)) dx; the factor 2/sqrt(pi) is in the exponent
  Gelu: (dy, { inputs: [x] }) => {
    const z = mul(x, Math.SQRT1_2);
    const density = exp(sub(Math.log(2 / Math.sqrt(Math.PI)), mul(z, z)));
    const twice = add(add(erf(z), 1), mul(z, density));
    return [mul(dy, mul(twice, 0.5))];
  },
  Cast: (dy, { inputs: [x] }) => [DTYPES[x.dtype].float ? cast(dy, x.dtype) : null],
  StopGradient: null,
  Segment: (dy) => [dy, null],
  Add: (dy) => [dy, dy],
  Sub: (dy) => [dy, neg(dy)],
  Mul: (dy, { inputs: [a, b] }) => [mul(dy, b), mul(dy, a)],
  // d(a/b) = da/b - (a/b) db/b
  Div: (dy, y) => {
    const da = div(dy, y.inputs[1]);
    return [da, neg(mul(da, y))];
  },
  // Where the operands are equal the whole gradient goes to the second
  Min: (dy, { inputs: [a, b] }) => [where(less(a, b), dy, 0), where(less(a, b), 0, dy)],
  Max: (dy, { inputs: [a, b] }) => [where(less(b, a), dy, 0), where(less(b, a), 0, dy)],
  Less: null,
  Equal: null,
  And: null,
  Where: (dy, { inputs: [condition] }) => [null, where(condition, dy, 0), where(condition, 0, dy)],

  MatMul: (dy, { inputs: [a, b], attrs: { transA, transB, alpha } }) => {
    // A matrix shared by all leading axes (a weight) takes one product over all rows, not a sum of batched ones
    if (b.shape.length === 2 && a.shape.length > 2 && !transA) {
      const rows = sizeOf(a.shape.slice(0, -1));
      const flatA = reshape(a, [rows, a.shape.at(-1)!]);
      const flatDy = reshape(dy, [rows, dy.shape.at(-1)!]);
      return [
        reshape(matmul(flatDy, b, { transB: !transB, alpha }), a.shape),
        transB
          ? matmul(flatDy, flatA, { transA: true, alpha })
          : matmul(flatA, flatDy, { transA: true, alpha }),
      ];
    }
    return [
      transA
        ? matmul(b, dy, { transA: transB, transB: true, alpha })
        : matmul(dy, b, { transB: !transB, alpha }),
      transB
        ? matmul(dy, a, { transA: true, transB: transA, alpha })
        : matmul(a, dy, { transA: !transA, alpha }),
    ];
  },

  ReduceSum: (dy, { inputs: [x], attrs: { axes } }) => {
    const reduced = new Set(axes.map((axis) => axis < 0 ? axis + x.shape.length : axis));
    const kept = x.shape.map((n, i) => reduced.has(i) ? 1 : n);
    return [expand(reshape(dy, kept), x.shape)];
  },
  ReduceMax: refuse("ReduceMax", STOP),
  // dx = p (dp - sum(p dp))
  Softmax: (dy, p) => [mul(p, sub(dy, reduceSum(mul(p, dy), [-1], true)))],
  // dx = dy - softmax(x) sum(dy)
  LogSoftmax: (dy, y) => [sub(dy, mul(exp(y), reduceSum(dy, [-1], true)))],
  // With n = (x - mean) r and dn = dy scale: dx = r (dn - mean(dn) - n mean(n dn)); dscale = sum(dy n); dbias = sum(dy)
  LayerNormalization: (dy, y, [, ofMean, ofInverse]) => {
    if (ofMean || ofInverse) refuse("the statistics of LayerNormalization", STOP)();
    const [x, scale] = y.inputs;
    const width = x.shape.at(-1)!;
    const normalised = mul(sub(x, part(y, 1)), part(y, 2));
    const product = mul(dy, normalised);
    // Both means are products with scale/width, so neither dn nor n dn is formed for them
    const weight = reshape(mul(scale, 1 / width), [width, 1]);
    const mean = matmul(dy, weight);
    const slope = matmul(product, weight);
    const inner = sub(sub(mul(dy, scale), mean), mul(normalised, slope));
    return [mul(inner, part(y, 2)), product, dy];
  },

  Reshape: (dy, { inputs: [x] }) => [reshape(dy, x.shape)],
  Transpose: (dy, { attrs: { perm } }) => [transpose(dy, perm.map((_, i) => perm.indexOf(i)))],
  Expand: (dy) => [dy],
  Concat: (dy, { inputs, attrs: { axis } }) => {
    const at = axis < 0 ? axis + dy.shape.length : axis;
    let start = 0;
    const slices = inputs.map((x) => slice(dy, at, start, start += x.shape[at]!));
    return slices as [Value, ...Value[]];
  },
  Split: (_, y, dys) => {
    const parts = y.outputs.map((type, i) => dys[i] ?? filled(type.dtype, type.shape, 0));
    return [concat(parts as [Value, ...Value[]], y.attrs.axis)];
  },
  Slice: (dy, { inputs: [x], attrs: { axis, start, end } }) => {
    return [pad(dy, axis, start, x.shape.at(axis)! - end)];
  },
  Pad: (dy, { inputs: [x], attrs: { axis, before } }) => {
    return [slice(dy, axis, before, before + x.shape.at(axis)!)];
  },

  Smallest: refuse("the values of Smallest", STOP),
  PermuteRows: (dy, { inputs: [, order] }) => [permuteRows(dy, inversePermutation(order)), null],
  // A product with the one-hot rows: deterministic, where a scatter would add in any order
  Gather: (dy, { inputs: [table, ids] }) => {
    const [rows, width] = [table.shape[0]!, table.shape[1]!];
    const columns = constant("int64", [1, rows], Array.from({ length: rows }, (_, i) => i));
    const oneHot = cast(equal(reshape(ids, [sizeOf(ids.shape), 1]), columns), dy.dtype);
    return [matmul(oneHot, reshape(dy, [sizeOf(ids.shape), width]), { transA: true }), null];
  },

  // The loop hands the cotangents of all parts to the value that they are parts of
  Part: null,
  MultiHeadAttention: refuse("MultiHeadAttention", FUSE_LATER),
  BiasGelu: refuse("BiasGelu", FUSE_LATER),
};
