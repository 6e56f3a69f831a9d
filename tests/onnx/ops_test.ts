/** Every op, emitted and run on ONNX Runtime, against the literal interpreter. */
import assert from "node:assert/strict";
import { apply, type Op, type Value } from "../../lib/graph/mod.ts";
import type { DType } from "../../lib/tensor/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate } from "../_run.ts";
import { build, CASES, OPS } from "../graph/_cases.ts";
import { interpretAll } from "../graph/_interpret.ts";

/** Ops that ONNX Runtime's CPU provider runs in float32 only. */
const FLOAT32_ONLY: ReadonlySet<Op> = new Set<Op>([
  "Erf",
  "Gelu",
  "MultiHeadAttention",
  "BiasGelu",
]);

/** Float64 sums in another order; float32 rounding, and approximations of exp and erf. */
const TOLERANCES = { float64: 1e-14, float32: 2e-6 } as const;

/** Runs all applications of an op in one model and compares every output. */
function check(op: Op, float: keyof typeof TOLERANCES): void {
  const built = CASES[op].map((_, i) => build(op, i, float));
  const outputs: Record<string, Value> = {};
  const expected = new Map<string, { shape: readonly number[]; data: ArrayLike<number> }>();
  const inputs = Object.assign({}, ...built.map(({ elements }) => elements));
  built.forEach(({ value }, i) => {
    const { all } = interpretAll({ all: value }, inputs);
    assert.equal(all.length, value.outputs.length);
    value.outputs.forEach((_, index) => {
      const name = `${op}, case ${i}, output ${index}`;
      outputs[name] = index === 0 ? value : apply("Part", [value], { index });
      expected.set(name, all[index]!);
    });
  });
  const results = evaluate(outputs, inputs);
  for (const [name, { shape, data }] of expected) {
    assert.deepEqual(outputs[name]!.shape, shape, name);
    assertClose(results[name]!, data, TOLERANCES[float], name);
  }
}

for (const op of OPS) {
  const floats: DType[] = FLOAT32_ONLY.has(op) ? ["float32"] : ["float32", "float64"];
  Deno.test(`emit() writes ${op} so that it computes what is meant, in ${floats.join(" and ")}`, () => {
    check(op, "float32");
    if (FLOAT32_ONLY.has(op)) assert.throws(() => check(op, "float64"), { name: "OrtError" });
    else check(op, "float64");
  });
}
