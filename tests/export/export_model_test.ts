import assert from "node:assert/strict";
import { exportModel, type ExportOptions } from "../../lib/export/mod.ts";
import { inFolder } from "../_folder.ts";
import { thrown } from "../data/_pictures.ts";
import { drawnSource } from "./_source.ts";

const QUICK: Omit<ExportOptions, "out"> = { threads: 1, images: 3 };

Deno.test("exportModel() takes the head of a classifier unless told otherwise", async () => {
  await inFolder(async (folder) => {
    const source = drawnSource({ classes: true, pooledNorm: true });
    const whole = await exportModel(source, { ...QUICK, out: `${folder}/a.onnx` });
    assert.deepEqual(whole.outputs, ["logits", "cls", "patch_tokens", "pooled"]);
    assert.equal(whole.classes, 3);
    assert.ok(whole.differences["logits"]!.relative < 1e-5);
    const features = await exportModel(source, {
      ...QUICK,
      out: `${folder}/b.onnx`,
      head: "features",
    });
    assert.deepEqual(features.outputs, ["cls", "patch_tokens", "pooled"]);
    assert.equal(features.classes, 0);
    assert.ok(features.bytes < whole.bytes);
  });
});

Deno.test("exportModel() checks and keeps a model whose weights are in another file", async () => {
  await inFolder(async (folder) => {
    const out = `${folder}/a.onnx`;
    const { external, bytes, images } = await exportModel(drawnSource(), {
      ...QUICK,
      out,
      externalOver: 1000,
    });
    assert.deepEqual([external, images], [true, 3]);
    const sizes = [out, `${out}.data`].map((file) => Deno.statSync(file).size);
    assert.equal(bytes, sizes[0]! + sizes[1]!);
    assert.match(
      await thrown(() => exportModel(drawnSource(), { ...QUICK, out })),
      /^ConfigError: Cannot write .*a\.onnx: it exists; use --force to replace it$/,
    );
  });
});

Deno.test("exportModel() leaves nothing when it is stopped, whenever that is", async () => {
  await inFolder(async (folder) => {
    for (const last of ["write", "verify"]) {
      const controller = new AbortController();
      const stopped = exportModel(drawnSource(), {
        ...QUICK,
        out: `${folder}/a.onnx`,
        signal: controller.signal,
        onProgress: (phase) => {
          if (phase === last) controller.abort();
        },
      });
      await assert.rejects(stopped, { name: "AbortError" });
      assert.deepEqual([...Deno.readDirSync(folder)], []);
    }
  });
});

Deno.test("exportModel() keeps a classifier whose head is still all zeros", async () => {
  await inFolder(async (folder) => {
    const source = drawnSource({ classes: true });
    const zeros = [...source.tensors].filter(([name]) => name.startsWith("head."))
      .map(([name, { dtype, shape, data }]) => {
        return [name, { dtype, shape, data: new Uint8Array(data.length) }] as const;
      });
    const tensors = new Map([...source.tensors, ...zeros]);
    const { differences } = await exportModel({ ...source, tensors }, {
      ...QUICK,
      out: `${folder}/a.onnx`,
    });
    assert.deepEqual(differences["logits"], { largest: 0, relative: 0, l2: 0 });
  });
});
