import assert from "node:assert/strict";
import { type Init, initialise, type Parameter } from "../../lib/nn/mod.ts";
import { sizeOf } from "../../lib/tensor/mod.ts";

const parameter = (name: string, shape: readonly number[], init: Init): Parameter => ({
  name,
  shape,
  init,
});

function values(spec: Parameter, seed = 1): Float32Array {
  const target = new Float32Array(sizeOf(spec.shape)).fill(9);
  initialise(target, spec, seed);
  return target;
}

const mean = (xs: Float32Array) => xs.reduce((a, b) => a + b) / xs.length;
const deviation = (xs: Float32Array) => {
  const centre = mean(xs);
  return Math.sqrt(xs.reduce((total, x) => total + (x - centre) ** 2, 0) / xs.length);
};

Deno.test("initialise() fills with zeros and ones", () => {
  assert.deepEqual(values(parameter("a", [3], "zeros")), Float32Array.of(0, 0, 0));
  assert.deepEqual(values(parameter("a", [3], "ones")), Float32Array.of(1, 1, 1));
});

Deno.test("initialise() draws xavier uniformly up to sqrt(6 / (fan in + fan out))", () => {
  const shapes: readonly (readonly [number[], number])[] = [
    [[60, 90], Math.sqrt(6 / 150)],
    [[40, 3, 4, 4], Math.sqrt(6 / (40 + 48))], // a kernel is seen as [out, in...]
  ];
  for (const [shape, bound] of shapes) {
    const drawn = values(parameter("w", shape, "xavier"));
    const largest = drawn.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    assert.ok(largest <= bound && largest > 0.99 * bound, `${largest} of ${bound}`);
    assert.ok(Math.abs(mean(drawn)) < 0.05 * bound);
    assert.ok(Math.abs(deviation(drawn) / (bound / Math.sqrt(3)) - 1) < 0.03);
  }
});

Deno.test("initialise() draws normals of the given deviation", () => {
  const drawn = values(parameter("t", [1, 1, 5000], { normal: 0.02 }));
  assert.ok(Math.abs(deviation(drawn) / 0.02 - 1) < 0.05);
  assert.ok(Math.abs(mean(drawn)) < 0.001);
  assert.ok(drawn.some((x) => Math.abs(x) > 0.05), "it is not cut off");
});

Deno.test("initialise() depends on the seed and the name alone", () => {
  const spec = parameter("blocks.0.mlp.fc1.weight", [4, 5], "xavier");
  const first = values(spec);
  values(parameter("other", [7], "xavier"));
  assert.deepEqual(values(spec), first);
  assert.notDeepEqual(values(spec, 2), first);
  assert.notDeepEqual(values({ ...spec, name: "blocks.1.mlp.fc1.weight" }), first);
  assert.notDeepEqual(values({ ...spec, name: "blocks.0.mlp.fc2.weight" }), first);
});

Deno.test("initialise() gives these values for good: runs are reproduced from their seed", () => {
  const bits = (spec: Parameter) =>
    [...new Uint32Array(values(spec, 0).buffer)].map((word) => word.toString(16));
  assert.deepEqual(bits(parameter("cls_token", [1, 1, 4], { normal: 0.02 })), [
    "3d328db5",
    "bc9c00f6",
    "bcfc142e",
    "3d127e84",
  ]);
  assert.deepEqual(bits(parameter("head.weight", [2, 2], "xavier")), [
    "3f13d5eb",
    "bf86bff5",
    "3f76de19",
    "bf9b6df1",
  ]);
});
