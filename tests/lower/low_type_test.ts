import assert from "node:assert/strict";
import { cast, input } from "../../lib/graph/mod.ts";
import { lowBytes, roundTo } from "../../lib/lower/low_type.ts";
import { LOW_TYPES } from "../../lib/lower/mod.ts";
import { arrayOver, random } from "../../lib/tensor/mod.ts";
import { evaluate } from "../_run.ts";

/** Ties, the ends of both ranges, subnormals, and what is no number. */
const EDGES = [0, -0, 1, 1.00390625, 1.01171875, -1.00390625, 65504, 65519, 65520, -65520, 7e4]
  .concat([2 ** -24, 2 ** -25, 2.9802325e-8, 6e-8, 6.2e-5, 1e-40, 1e-45])
  .concat([3.3895313e38, 3.3961775e38, 3.4e38, Infinity, -Infinity, NaN]);

Deno.test("roundTo() rounds as the provider's Cast does", () => {
  const draw = random({ seed: 1, purpose: "draw" });
  const drawn = Array.from({ length: 2000 }, () => draw.normal() * 2 ** (draw.below(60) - 30));
  const elements = Float32Array.from([...EDGES, ...drawn]);
  const x = input("x", "float32", [elements.length]);
  for (const low of LOW_TYPES) {
    const { y } = evaluate({ y: cast(cast(x, low), "float32") }, { x: elements });
    assert.deepEqual(Array.from(roundTo(low, elements)), y, low);
  }
});

Deno.test("lowBytes() keeps a NaN whose low half alone is set", () => {
  const elements = new Float32Array(Uint32Array.of(0x7f800001, 0xffffffff).buffer);
  for (const low of LOW_TYPES) {
    assert.equal(lowBytes(low, elements).byteLength, 4);
    assert.ok(roundTo(low, elements).every(Number.isNaN), low);
  }
});

Deno.test("lowBytes() gives the bits of the low type", () => {
  const elements = Float32Array.of(1, -2, 0.15625);
  const bits = (low: "bfloat16" | "float16") => Array.from(arrayOver(low, lowBytes(low, elements)));
  assert.deepEqual(bits("bfloat16"), [0x3f80, 0xc000, 0x3e20]);
  assert.deepEqual(bits("float16"), [0x3c00, 0xc000, 0x3100]);
});
