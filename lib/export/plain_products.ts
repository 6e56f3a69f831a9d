/** Products in ONNX's own op, which neither transposes nor scales. */
import { is, matmul, mul, rewrite, type RewriteRule, transpose, type Value } from "../graph/mod.ts";

/** The same outputs with every product as a plain one: transpositions and the factor are ops of their own. */
export function plainProducts(outputs: readonly Value[]): Value[] {
  return rewrite(outputs, [plain]);
}

const plain: RewriteRule = (value, { rewritten }) => {
  if (!is(value, "MatMul")) return null;
  const { transA, transB, alpha } = value.attrs;
  if (!transA && !transB && alpha === 1) return null;
  const [a, b] = value.inputs.map(rewritten) as [Value, Value];
  const scaled = alpha === 1 ? a : mul(a, alpha);
  return matmul(transA ? swapped(scaled) : scaled, transB ? swapped(b) : b);
};

/** The last two axes swapped; of what is a transposition already, one of another order. */
function swapped(x: Value): Value {
  const [source, order] = is(x, "Transpose")
    ? [x.inputs[0], x.attrs.perm]
    : [x, x.shape.map((_, axis) => axis)];
  return transpose(source, [...order.slice(0, -2), ...order.slice(-2).reverse()]);
}
