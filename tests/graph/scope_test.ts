import assert from "node:assert/strict";
import { gradient, input, mul, neg, reduceSum, scoped, topological } from "../../lib/graph/mod.ts";
import { decode, emit } from "../../lib/onnx/mod.ts";

Deno.test("scoped() tags what is made inside, and nothing after it", () => {
  const x = input("x", "float32", [2]);
  const inner = scoped("a", () => scoped("b", () => neg(x)));
  assert.deepEqual([x.scope, inner.scope, neg(x).scope], ["", "a/b", ""]);
});

Deno.test("scoped() closes its scope when building fails", () => {
  assert.throws(() => {
    scoped("a", () => {
      throw new RangeError("no");
    });
  }, RangeError);
  assert.equal(input("x", "float32", []).scope, "");
});

Deno.test("gradient() puts what it makes under backward and the scope of what it differentiates", () => {
  const x = input("x", "float32", [2]);
  const y = scoped("square", () => mul(x, x));
  const [dx] = gradient(reduceSum(y, [0]), [x]);
  const scopes = new Set(topological([dx!]).map(({ scope }) => scope));
  assert.ok(scopes.has("backward/square"));
});

Deno.test("emit() names nodes by graph and scope", () => {
  const y = scoped("a", () => scoped("b", () => neg(input("x", "float32", [2]))));
  const model = decode("Model", emit({ y }, { name: "scopes" }));
  assert.deepEqual(model.graph!.node!.map(({ name }) => name), ["scopes/a/b/Neg_0"]);
});
