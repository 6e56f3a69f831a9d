import assert from "node:assert/strict";
import { openDataset, prepare } from "../../lib/data/mod.ts";
import { PACKAGE_VERSION } from "../../lib/runtime/mod.ts";
import { writePictures } from "../../tasks/demo/images.ts";

const workflow = Deno.readTextFileSync(".github/workflows/ccmim.yml");

Deno.test("the workflow's dataset has the digest that it is cached by", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writePictures(`${folder}/pictures`, { seed: 0, train: 50, val: 10 });
    await prepare(`${folder}/pictures`, `${folder}/dataset`);
    using dataset = openDataset(`${folder}/dataset`);
    assert.ok(
      workflow.includes(`DATASET: ${dataset.digest}\n`),
      `the digest is ${dataset.digest} now: put it into .github/workflows/ccmim.yml`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("workflow and image take the versions that the code is made for", () => {
  const requirements = Deno.readTextFileSync(".github/cuda-requirements.txt");
  assert.ok(requirements.includes(`onnxruntime-gpu==${PACKAGE_VERSION}\n`));
  const deno = /DENO_VERSION: (\S+)/.exec(workflow)![1];
  assert.ok(Deno.readTextFileSync("Dockerfile").includes(`denoland/deno:debian-${deno}`));
  assert.ok(Deno.readTextFileSync(".ci/run").includes(`deno@${deno}`));
});
