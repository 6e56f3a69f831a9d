import assert from "node:assert/strict";
import {
  parsePretrainConfig,
  PRECISIONS,
  resolvePretrain,
  resumePretrain,
} from "../../lib/recipes/mod.ts";

const FACTS = { imageSize: 32, trainCount: 500 };

Deno.test("resolvePretrain() takes every precision on a GPU, and float32 unless told", () => {
  for (const precision of PRECISIONS) {
    const config = resolvePretrain({ device: "cuda", precision }, FACTS);
    assert.equal(config.precision, precision);
    assert.deepEqual(parsePretrainConfig(JSON.parse(JSON.stringify(config))), config);
  }
  assert.equal(resolvePretrain({ device: "cuda" }, FACTS).precision, "float32");
});

Deno.test("resolvePretrain() says why the CPU trains in float32 alone", () => {
  assert.equal(resolvePretrain({ precision: "float32" }, FACTS).precision, "float32");
  const why = {
    tf32: "TF32 is a mode of a GPU's matrix units",
    bfloat16:
      "ONNX Runtime's CPU provider has almost no bfloat16 kernels, its matrix product included",
    float16: "ONNX Runtime's CPU provider has almost no float16 kernels",
  };
  for (const [precision, reason] of Object.entries(why)) {
    assert.throws(() => resolvePretrain({ precision: precision as "tf32" }, FACTS), {
      name: "ConfigError",
      message: `Cannot train with --precision ${precision} on the CPU: ${reason}; ` +
        "take a GPU (--device cuda) or float32",
    });
  }
});

Deno.test("resumePretrain() keeps the precision, and refuses another or a device without it", () => {
  const saved = resolvePretrain({ device: "cuda", precision: "float16" }, FACTS);
  assert.deepEqual(resumePretrain(saved, { precision: "float16" }), saved);
  assert.throws(() => resumePretrain(saved, { precision: "float32" }), {
    name: "ConfigError",
    message: "Cannot resume with --precision float32: the run was started with float16",
  });
  assert.throws(() => resumePretrain(saved, { device: "cpu" }), /on the CPU: ONNX Runtime's CPU/);
});

Deno.test("parsePretrainConfig() takes a configuration without a precision for float32", () => {
  const { precision: _, ...older } = resolvePretrain({}, FACTS);
  assert.equal(parsePretrainConfig(older).precision, "float32");
  assert.throws(() => parsePretrainConfig({ ...older, precision: "half" }), /precision is wrong/);
});
