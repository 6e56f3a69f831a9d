import assert from "node:assert/strict";
import { pretrainingBuffers, pretrainingParameters } from "../../../lib/ccmim/mod.ts";
import { evaluationGraph, gradientGraph, gradientName, nextName } from "../../../lib/train/mod.ts";
import { openSession } from "../../_run.ts";
import { MICRO, MICRO_MAE } from "../../_models.ts";

const SIZES = { batch: 4, storedSize: 8, crop: true };

/** Input and output names of a model, as ONNX Runtime finds them. */
function ports(model: Uint8Array): { inputs: string[]; outputs: string[] } {
  using session = openSession(model);
  const names = (ports: readonly { name: string }[]) => ports.map(({ name }) => name).sort();
  return { inputs: names(session.inputs), outputs: names(session.outputs) };
}

/** Elements of each parameter that the views cover, by name. */
function covered(graph: ReturnType<typeof gradientGraph>): Map<string, number> {
  const elements = new Map<string, number>();
  for (const { parameter: { name }, value: { shape } } of graph.parameters) {
    elements.set(name, (elements.get(name) ?? 0) + shape.reduce((a, b) => a * b, 1));
  }
  return elements;
}

Deno.test("gradientGraph() gives losses, the gradient of all that it reads, and the next buffers", () => {
  for (const config of [MICRO, MICRO_MAE]) {
    const graph = gradientGraph(config, SIZES);
    const views = graph.parameters.map(({ value }) => value.attrs.name);
    const buffers = pretrainingBuffers(config).map(({ name }) => name);
    const { inputs, outputs } = ports(graph.model);
    assert.deepEqual(inputs, [...views, ...buffers, "images", "boxes", "flips", "noise"].sort());
    assert.deepEqual(outputs, [...graph.outputs].sort());
    assert.deepEqual(
      outputs,
      [
        ...config === MICRO ? ["align"] : [],
        "loss",
        "rec",
        ...views.map(gradientName),
        ...buffers.map(nextName),
      ].sort(),
    );
  }
});

Deno.test("gradientGraph() trains every element but the key's bias", () => {
  const elements = covered(gradientGraph(MICRO, SIZES));
  for (const { name, shape } of pretrainingParameters(MICRO)) {
    const all = shape.reduce((a, b) => a * b, 1);
    const trained = name.endsWith("attn.qkv.bias") ? all * 2 / 3 : all;
    assert.equal(elements.get(name), trained, name);
  }
});

Deno.test("evaluationGraph() reads neither projector nor buffers and gives two losses", () => {
  const graph = evaluationGraph(MICRO, SIZES);
  const { inputs, outputs } = ports(graph.model);
  assert.deepEqual(outputs, ["mean", "rec"]);
  assert.ok(!inputs.some((name) => name.startsWith("projector.")));
  assert.ok(inputs.includes("decoder_pred.weight"));
  assert.deepEqual(graph.buffers, []);
});

Deno.test("gradientGraph() reads no boxes where nothing is cropped, and refuses another size", () => {
  const uncropped = { ...SIZES, crop: false };
  const { inputs } = ports(gradientGraph(MICRO, uncropped).model);
  assert.ok(!inputs.includes("boxes") && !inputs.includes("flips"));
  assert.throws(
    () => gradientGraph(MICRO, { ...uncropped, storedSize: 9 }),
    new RangeError("Cannot train at 8 pixels on images of 9 without crops"),
  );
});

Deno.test("gradientGraph() shows what it computes on the way when asked", () => {
  const details = (config: typeof MICRO) => {
    const plain = gradientGraph(config, SIZES).outputs;
    return gradientGraph(config, SIZES, { inspect: true }).outputs
      .filter((name) => !plain.includes(name)).sort();
  };
  assert.deepEqual(details(MICRO), ["cls_attn", "key", "latent", "order", "prediction"]);
  assert.deepEqual(details(MICRO_MAE), ["key", "latent", "order", "prediction"]);
});
