import assert from "node:assert/strict";
import { principalPlane } from "../../lib/report/pca.ts";
import { random } from "../../lib/tensor/mod.ts";

Deno.test("principalPlane() finds the directions of greatest variance, whatever the others do", () => {
  const stream = random({ seed: 1, purpose: "draw" });
  const [count, width] = [200, 6];
  const a = Float64Array.from({ length: count }, () => 5 * stream.normal());
  const b = Float64Array.from({ length: count }, () => 2 * stream.normal());
  const values = new Float32Array(count * width);
  for (let i = 0; i < count; i++) {
    values.set(
      [100 + a[i]! * 0.6, a[i]! * 0.8, -7 + b[i]!, 0.01 * stream.normal(), 0, 3],
      i * width,
    );
  }
  const { points, shares } = principalPlane(values, width);
  const correlation = (axis: number, truth: Float64Array) => {
    const along = Float64Array.from({ length: count }, (_, i) => points[2 * i + axis]!);
    const mean = truth.reduce((x, y) => x + y) / count;
    const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
    const centred = truth.map((x) => x - mean);
    return Math.abs(dot(along, centred)) / Math.sqrt(dot(along, along) * dot(centred, centred));
  };
  assert.ok(correlation(0, a) > 0.99, "the first");
  assert.ok(correlation(1, b) > 0.99, "the second");
  assert.ok(shares[0] > 0.8 && shares[0] + shares[1] > 0.999 && shares[0] + shares[1] <= 1 + 1e-9);
});

Deno.test("principalPlane() puts rows that do not differ into one point", () => {
  const { points, shares } = principalPlane(new Float32Array(12).fill(3), 4);
  assert.deepEqual([...points], [0, 0, 0, 0, 0, 0]);
  assert.deepEqual(shares, [0, 0]);
});
