/** Exported models in ONNX Runtime's own JavaScript APIs, for Node and for browsers (WebAssembly). */
import assert from "node:assert/strict";
import {
  buildModel,
  type BuildOptions,
  drawImages,
  openModel,
  writeModel,
} from "../../lib/export/mod.ts";
import { normalisedPlanes } from "../../lib/export/verify.ts";
import { Environment } from "../../lib/runtime/mod.ts";
import { assertClose } from "../_assert.ts";
import { inFolder } from "../_folder.ts";
import { MICRO_ENCODER } from "../_models.ts";
import { drawnSource } from "./_source.ts";

/** Images at once: a number that nothing else here is. */
const BATCH = 7;

type Results = Record<string, { dims: number[]; values: number[] }>;

const CASES: Readonly<Record<string, Partial<BuildOptions>>> = {
  "float32 from uint8": {},
  "float16 from float32": { dtype: "float16", input: "float32" },
  "int8 from uint8": { quantize: "int8" },
};
for (const [what, options] of Object.entries(CASES)) {
  Deno.test(`an exported model gives the same in Node's and the browser's ONNX Runtime: ${what}`, async () => {
    await inFolder(async (folder) => {
      const path = `${folder}/model.onnx`;
      const all: BuildOptions = {
        input: "uint8",
        outputs: ["logits", "cls", "patch_tokens", "pooled", "cls_attention"],
        dtype: "float32",
        quantize: null,
        ...options,
      };
      using written = writeModel(buildModel(drawnSource({ classes: true }), all), path);
      written.commit();
      const script = new URL("./_other_runtimes.ts", import.meta.url).pathname;
      const { imageSize } = MICRO_ENCODER;
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", script, path, `${BATCH}`, `${imageSize}`, all.input],
        env: { NO_COLOR: "1" },
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      const others: Record<"node" | "web", Results> = JSON.parse(new TextDecoder().decode(stdout));

      using environment = Environment.open();
      const config = { "session.qdq_matmulnbits_accuracy_level": "0" };
      using session = openModel(path, environment, { threads: 1, config });
      const drawn = drawImages(BATCH, imageSize, 3);
      const own = session.run({ images: all.input === "uint8" ? drawn : normalisedPlanes(drawn) });
      // float16 is rounded wherever a runtime chooses to fuse or not
      const tolerance = all.dtype === "float16" ? 2e-3 : 1e-5;
      for (const [name, results] of Object.entries(others)) {
        assert.deepEqual(Object.keys(results), Object.keys(own), name);
        for (const [output, { dims, values }] of Object.entries(results)) {
          assert.deepEqual(dims, own[output]!.shape, `${output} of ${name}`);
          const expected = own[output]!.data as Float32Array;
          assertClose(values, expected, tolerance, `${output} of ${name}`);
        }
      }
    });
  });
}
