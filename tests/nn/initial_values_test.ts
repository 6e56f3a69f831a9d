import assert from "node:assert/strict";
import { initialise, initialValues, linearParameters } from "../../lib/nn/mod.ts";

Deno.test("initialValues() draws each parameter as initialise() does", () => {
  const parameters = linearParameters("head", 4, 3);
  const values = initialValues(parameters, 7);
  assert.deepEqual(Object.keys(values), ["head.weight", "head.bias"]);
  const weight = new Float32Array(12);
  initialise(weight, parameters[0]!, 7);
  assert.deepEqual(values["head.weight"], { dtype: "float32", shape: [3, 4], data: weight });
  assert.deepEqual(values["head.bias"]!.data, new Float32Array(3));
  assert.notDeepEqual(initialValues(parameters, 8)["head.weight"]!.data, weight);
});
