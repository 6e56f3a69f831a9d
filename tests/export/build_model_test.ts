import assert from "node:assert/strict";
import { buildModel, type BuildOptions, OUTPUTS } from "../../lib/export/mod.ts";
import { runReference } from "../../lib/export/reference.ts";
import { compare, runModel } from "../../lib/export/verify.ts";
import { encodeModel, type Message } from "../../lib/onnx/mod.ts";
import { Environment } from "../../lib/runtime/mod.ts";
import { CLASSES, drawnSource, IMAGES_OF_TEST } from "./_source.ts";

const FEATURES: BuildOptions = {
  input: "uint8",
  outputs: ["cls", "patch_tokens", "pooled", "cls_attention"],
  dtype: "float32",
  quantize: null,
};

function bytesOf(model: Message<"Model">): Uint8Array {
  return new Uint8Array(encodeModel(model).flatMap((piece) => [...piece]));
}

/** How far a model is from the training code's own, by output. */
function differences(source: ReturnType<typeof drawnSource>, options: BuildOptions) {
  using environment = Environment.open();
  const session = { threads: 1 };
  const expected = runReference(source, options.outputs, IMAGES_OF_TEST, { environment, session });
  const model = bytesOf(buildModel(source, options));
  using written = environment.session(model, { ...session, graphOptimization: "all" });
  assert.deepEqual(Object.keys(expected).sort(), [...options.outputs].sort());
  return compare(runModel(written, IMAGES_OF_TEST, options.input), expected);
}

function assertWithin(found: ReturnType<typeof differences>, tolerance: number): void {
  for (const [name, { relative, l2 }] of Object.entries(found)) {
    assert.ok(relative <= tolerance && l2 <= tolerance, `${name}: ${relative}, ${l2}`);
  }
}

for (const input of ["uint8", "float32"] as const) {
  Deno.test(`buildModel() computes what the training code does, from ${input}`, () => {
    assertWithin(differences(drawnSource(), { ...FEATURES, input }), 2e-6);
    const all = { ...FEATURES, input, outputs: OUTPUTS };
    assertWithin(differences(drawnSource({ classes: true }), all), 2e-6);
    assertWithin(differences(drawnSource({ classes: true, pooledNorm: true }), all), 2e-6);
  });
}

Deno.test("buildModel() leaves out rows that nobody asked for", () => {
  const source = drawnSource({ classes: true });
  for (const outputs of [["cls"], ["logits"], ["cls_attention", "logits"]] as const) {
    assertWithin(differences(source, { ...FEATURES, outputs }), 2e-6);
  }
  const cls = buildModel(source, { ...FEATURES, outputs: ["cls"] }).graph!;
  const shapes = cls.valueInfo!.map(({ type }) => {
    return type!.tensorType!.shape!.dim!.map(({ dimValue, dimParam }) => dimValue ?? dimParam);
  });
  const hidden = shapes.filter((shape) => shape.at(-1) === 32).map((shape) => shape.join());
  assert.deepEqual(
    new Set(hidden),
    new Set(["batch,17,32", "batch,1,32"]),
    "the last MLP: one row",
  );
});

Deno.test("buildModel() in float16 and int8 stays near, and is as much smaller", () => {
  const source = drawnSource({ classes: true });
  const all = { ...FEATURES, outputs: OUTPUTS };
  const float16 = differences(source, { ...all, dtype: "float16" });
  assertWithin(float16, 1e-2);
  assert.ok(float16["cls"]!.relative > 1e-5, "it is not float32");
  const int8 = differences(source, { ...all, quantize: "int8" });
  assertWithin(int8, 4e-2);
  assert.ok(int8["cls"]!.relative > 1e-4, "it is not float32");
  const weights = (options: BuildOptions) => {
    const { initializer } = buildModel(source, options).graph!;
    return initializer!.reduce((sum, { rawData }) => sum + rawData!.byteLength, 0);
  };
  const [whole, half, quarter] = [
    weights(all),
    weights({ ...all, dtype: "float16" }),
    weights({ ...all, quantize: "int8" }),
  ];
  assert.ok(half! < 0.65 * whole! && quarter! < 0.45 * whole!, `${whole} ${half} ${quarter}`);
});

Deno.test("buildModel() writes ONNX's own ops, folded weights, an open batch and metadata", () => {
  const source = drawnSource({ classes: true });
  const model = buildModel(source, {
    ...FEATURES,
    outputs: OUTPUTS,
    metadata: { ccmim_version: "1.2.3" },
  });
  assert.deepEqual(model.opsetImport, [{ domain: "", version: 21 }]);
  const { node, initializer, input, output } = model.graph!;
  assert.ok(node!.every(({ domain }) => domain === ""));
  const constants = new Set(initializer!.map(({ name }) => name));
  const moved = node!.filter(({ opType, input }) => {
    return opType === "Transpose" && constants.has(input![0]!);
  });
  assert.deepEqual(moved, [], "weights lie as products read them");
  const unread = node!.flatMap(({ output }) => output!).filter((name) => {
    return !node!.some(({ input }) => input!.includes(name)) &&
      !OUTPUTS.some((wanted) => wanted === name);
  });
  assert.deepEqual(unread, [], "no output is for nobody");
  const shapes = [...input!, ...output!].map(({ name, type }) => {
    const dims = type!.tensorType!.shape!.dim!;
    return `${name} ${dims.map(({ dimParam, dimValue }) => dimParam ?? dimValue).join()}`;
  });
  assert.deepEqual(shapes, [
    "images batch,8,8,3",
    "logits batch,3",
    "cls batch,16",
    "patch_tokens batch,16,16",
    "pooled batch,16",
    "cls_attention batch,2,16",
  ]);
  const metadata = new Map(model.metadataProps!.map(({ key, value }) => [key, value]));
  assert.deepEqual(JSON.parse(metadata.get("classes")!), CLASSES);
  assert.equal(metadata.get("image_size"), "8");
  assert.equal(metadata.get("patch_size"), "2");
  assert.deepEqual(JSON.parse(metadata.get("mean")!), [0.485, 0.456, 0.406]);
  assert.equal(metadata.get("method"), "none");
  assert.equal(metadata.get("checkpoint_sha256"), "0".repeat(64));
  assert.equal(metadata.get("ccmim_version"), "1.2.3");
});

Deno.test("buildModel() names the tensor that a checkpoint lacks, or that has another size", () => {
  const source = drawnSource();
  const without = new Map(source.tensors);
  without.delete("blocks.1.mlp.fc2.bias");
  assert.throws(() => buildModel({ ...source, tensors: without }, FEATURES), {
    name: "DataError",
    message: "Cannot export the model: its checkpoint has no tensor blocks.1.mlp.fc2.bias",
  });
  const encoder = { ...source.encoder, imageSize: 12 };
  assert.throws(() => buildModel({ ...source, encoder }, FEATURES), {
    name: "DataError",
    message: "Cannot export the model: pos_embed is float32 [1, 17, 16] in its checkpoint, " +
      "the model wants float32 [1, 37, 16]",
  });
});
