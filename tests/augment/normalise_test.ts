import { input } from "../../lib/graph/mod.ts";
import { denormalise, normalise } from "../../lib/augment/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate } from "../_run.ts";

Deno.test("normalise() takes ImageNet's mean off and divides by its deviation, per channel", () => {
  const y = normalise(input("x", "float32", [2, 2, 3]));
  const pixels = [0, 0, 0, 255, 255, 255, 128, 64, 32, 1, 2, 3];
  const mean = [0.485, 0.456, 0.406];
  const deviation = [0.229, 0.224, 0.225];
  const expected = pixels.map((x, i) => (x / 255 - mean[i % 3]!) / deviation[i % 3]!);
  assertClose(evaluate({ y }, { x: pixels }).y, expected, 1e-6);
});

Deno.test("denormalise() is the inverse", () => {
  const x = input("x", "float32", [2, 2, 3]);
  const pixels = [0, 0, 0, 255, 255, 255, 128, 64, 32, 1, 2, 3];
  assertClose(evaluate({ y: denormalise(normalise(x)) }, { x: pixels }).y, pixels, 1e-6);
});
