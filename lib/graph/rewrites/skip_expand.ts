/** Operands that need not be formed. */
import { sameShape } from "../../tensor/mod.ts";
import type { Op } from "../ops.ts";
import type { RewriteContext, RewriteRule } from "../rewrite.ts";
import { apply } from "../type_rules.ts";
import { is, type Value } from "../value.ts";

const BROADCASTING: ReadonlySet<Op> = new Set<Op>(["Add", "Sub", "Mul", "Div"]);

/** An operand need not be expanded where the op broadcasts it anyway. */
export const skipExpand: RewriteRule = (value, { rewritten }: RewriteContext) => {
  if (!BROADCASTING.has(value.op) || !value.inputs.some((x) => is(x, "Expand"))) return null;
  const op = value.op as "Add";
  const operands = value.inputs.map((x) => rewritten(is(x, "Expand") ? x.inputs[0] : x));
  const narrow = apply(op, operands as [Value, Value], {});
  return sameShape(narrow.shape, value.shape) ? narrow : null;
};
