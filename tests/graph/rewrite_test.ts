import assert from "node:assert/strict";
import {
  add,
  exp,
  input,
  is,
  mul,
  neg,
  part,
  rewrite,
  type RewriteRule,
  split,
  topological,
  type Value,
} from "../../lib/graph/mod.ts";
import { evaluate } from "../_run.ts";

const x = input("x", "float32", [2]);

/** -(-x) is x. */
const dropDoubleNegation: RewriteRule = (value, { rewritten }) => {
  if (!is(value, "Neg")) return null;
  const [inner] = value.inputs;
  return is(inner, "Neg") ? rewritten(inner.inputs[0]) : null;
};

Deno.test("rewrite() returns the same values where no rule fits", () => {
  const y = add(exp(x), mul(x, 2));
  assert.deepEqual(rewrite([y, x], [dropDoubleNegation, () => null]), [y, x]);
  assert.equal(rewrite([y], [])[0], y);
});

Deno.test("rewrite() rebuilds what uses a replaced value, and nothing else", () => {
  const kept = exp(x);
  const y = add(kept, neg(neg(x)));
  const [after] = rewrite([y], [dropDoubleNegation]) as [Value];
  assert.deepEqual(topological([after]).map(({ op }) => op), ["Input", "Exp", "Add"]);
  assert.equal(after.inputs[0], kept);
  assert.equal(after.inputs[1], x);
  assert.deepEqual(evaluate({ after }, { x: [1, 2] }), evaluate({ after: y }, { x: [1, 2] }));
});

Deno.test("rewrite() works from operands to users, so that replacements meet replacements", () => {
  const four = neg(neg(neg(neg(x))));
  assert.equal(rewrite([four], [dropDoubleNegation])[0], x);
});

Deno.test("rewrite() keeps sharing", () => {
  const shared = exp(neg(neg(x)));
  const [a, b] = rewrite([add(shared, 1), mul(shared, shared)], [dropDoubleNegation]);
  assert.equal(a!.inputs[0], b!.inputs[0]);
  assert.equal(b!.inputs[0], b!.inputs[1]);
});

Deno.test("rewrite() takes the first rule that fits", () => {
  const rule = (op: typeof exp): RewriteRule => (value) => is(value, "Exp") ? op(x) : null;
  const [first] = rewrite([exp(x)], [rule(neg), rule(exp)]);
  assert.equal(first!.op, "Neg");
});

Deno.test("rewrite() tells rules how often a value is used", () => {
  const y = exp(x);
  const used = new Map<Value, number>();
  const count: RewriteRule = (value, { uses }) => {
    used.set(value, uses(value));
    return null;
  };
  const sum = add(y, y);
  rewrite([sum, y], [count]);
  assert.equal(used.get(y), 3); // twice an operand, once an output
  assert.equal(used.get(x), 1);
  assert.equal(used.get(sum), 1);
});

Deno.test("rewrite() goes through parts", () => {
  const long = neg(neg(input("long", "float32", [5])));
  const [, second] = split(long, 0, [2, 3]);
  const [after] = rewrite([second!], [dropDoubleNegation]) as [Value];
  assert.deepEqual(after.shape, [3]);
  assert.deepEqual(evaluate({ after }, { long: [1, 2, 3, 4, 5] }).after, [3, 4, 5]);
  const whole = after.inputs[0] as Value;
  assert.deepEqual(part(whole, 0).shape, [2]);
});

Deno.test("topological() gives every value once, operands first", () => {
  const shared = exp(x);
  const y = add(mul(shared, shared), shared);
  const order = topological([y, shared]);
  assert.equal(new Set(order).size, order.length);
  assert.equal(order.length, 4);
  order.forEach((value, i) => {
    for (const operand of value.inputs) assert.ok(order.indexOf(operand) < i);
  });
});
