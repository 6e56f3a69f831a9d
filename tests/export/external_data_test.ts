import assert from "node:assert/strict";
import { basename } from "node:path";
import { buildModel, openModel, writeModel } from "../../lib/export/mod.ts";
import { runModel } from "../../lib/export/verify.ts";
import { Environment } from "../../lib/runtime/mod.ts";
import { inFolder } from "../_folder.ts";
import { drawnSource, IMAGES_OF_TEST } from "./_source.ts";

const MODEL = buildModel(drawnSource(), {
  input: "uint8",
  outputs: ["cls"],
  dtype: "float32",
  quantize: null,
});

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("writeModel() puts weights into a file of their own where they are too many", async () => {
  await inFolder((folder) => {
    using environment = Environment.open();
    const results = [1 << 20, 1000].map((externalOver, i) => {
      const out = `${folder}/${i}.onnx`;
      using written = writeModel(MODEL, out, { externalOver });
      assert.equal(written.isExternal, i === 1);
      written.commit();
      using session = openModel(out, environment, { threads: 1 });
      return runModel(session, IMAGES_OF_TEST, "uint8");
    });
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(namesIn(folder), ["0.onnx", "1.onnx", "1.onnx.data"]);
    const [whole, model] = ["0.onnx", "1.onnx"].map((name) => Deno.statSync(`${folder}/${name}`));
    assert.ok(model!.size < 0.8 * whole!.size);
    const data = Deno.readFileSync(`${folder}/1.onnx.data`);
    assert.ok(data.length % 4 === 0 && data.length > 4096);
  });
});

Deno.test("writeModel() leaves nothing, and what was there, unless it is committed", async () => {
  await inFolder((folder) => {
    const out = `${folder}/model.onnx`;
    Deno.writeTextFileSync(out, "old");
    Deno.writeTextFileSync(`${out}.data`, "old weights");
    {
      using written = writeModel(MODEL, out, { externalOver: 1000 });
      assert.equal(basename(written.path), "model.onnx");
      assert.ok(written.bytes > 4000);
      assert.equal(Deno.readTextFileSync(out), "old");
    }
    assert.deepEqual(namesIn(folder), ["model.onnx", "model.onnx.data"]);
    assert.equal(Deno.readTextFileSync(out), "old");
    {
      using written = writeModel(MODEL, out);
      written.commit();
    }
    assert.deepEqual(namesIn(folder), ["model.onnx"], "weights of the file before are gone");
  });
});
