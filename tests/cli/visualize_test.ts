import assert from "node:assert/strict";
import sharp from "sharp";
import { main } from "../../cli/run.ts";
import { visualizeCommand } from "../../cli/visualize.ts";
import { encodeSafetensors, type StoredTensor } from "../../lib/checkpoint/mod.ts";
import { visualize } from "../../lib/visual/mod.ts";
import { picture } from "../data/_pictures.ts";
import { MICRO_MAE } from "../_models.ts";
import { Runs } from "../train/_runs.ts";
import { weightsOf } from "../visual/_model.ts";
import { FakeTerminal } from "./fake_terminal.ts";

async function call(...args: string[]) {
  const terminal = new FakeTerminal();
  const commands = [visualizeCommand(visualize)];
  const code = await main(["visualize", ...args], { commands, terminal });
  return { code, out: terminal.stdout, err: terminal.stderr };
}

Deno.test("ccmim visualize draws a run's own images, the same bytes each time", async () => {
  using runs = new Runs();
  await runs.here("run");
  const { folder } = runs;
  const draw = (out: string, ...more: string[]) =>
    call("--checkpoint", `${folder}/run`, "--out", `${folder}/${out}`, "--count", "3", ...more);
  const first = await draw("a.png");
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /^Drew 3 images through run, step 7: .*a.png\nMean squared error/);
  const png = Deno.readFileSync(`${folder}/a.png`);
  assert.equal((await sharp(png).metadata()).format, "png");
  await draw("b.png");
  assert.deepEqual(Deno.readFileSync(`${folder}/b.png`), png);
  await draw("c.png", "--seed", "5");
  assert.notDeepEqual(Deno.readFileSync(`${folder}/c.png`), png);

  const checkpoint = `${folder}/run/checkpoints/step-00000004`;
  for (const path of [checkpoint, `${checkpoint}/model.safetensors`]) {
    const args = ["--checkpoint", path, "--out", `${folder}/d.png`, "--no-paste", "--json"];
    const { out } = await call(...args, "--mask-ratio", "0.5", "--sampling", "random");
    const result = JSON.parse(out);
    assert.equal(result.model, "run, step 4");
    assert.equal(result.images.length, 5, "all of val");
  }
});

Deno.test("ccmim visualize looks through an MAE from elsewhere", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const model = { ...MICRO_MAE.model, width: 64, heads: 1, decoderWidth: 32, decoderHeads: 1 };
    const tensors = weightsOf({ ...MICRO_MAE, model });
    const positions = {
      dtype: "float32" as const,
      shape: [1, 17, 64],
      data: new Uint8Array(17 * 256),
    };
    const write = (name: string, tensors: Map<string, StoredTensor>) => {
      const path = `${folder}/${name}.safetensors`;
      using file = Deno.openSync(path, { create: true, write: true });
      for (const part of encodeSafetensors(tensors)) file.writeSync(part);
    };
    write("mae", new Map([...tensors, ["pos_embed", positions]]));
    Deno.writeFileSync(`${folder}/cat.jpg`, picture(1, 20, 30));
    const { code, out, err } = await call(
      ...["--checkpoint", `${folder}/mae.safetensors`, "--images", `${folder}/cat.jpg`],
      ...["--out", `${folder}/grid.png`],
    );
    assert.equal(code, 0, err);
    assert.match(out, /^Drew 1 images through mae.safetensors: /);
    const encoder = [...tensors].filter(([name]) => !name.startsWith("decoder"));
    write("vit", new Map([...encoder, ["pos_embed", positions]]));
    const alone = await call(
      ...["--checkpoint", `${folder}/vit.safetensors`, "--images", `${folder}/cat.jpg`],
      ...["--out", `${folder}/grid.png`],
    );
    assert.equal(alone.code, 3);
    assert.match(alone.err, /vit.safetensors: it has an encoder, and no decoder that predicts/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("ccmim visualize says what it cannot use", async () => {
  using runs = new Runs();
  await runs.here("run");
  const run = `${runs.folder}/run`;
  const out = ["--out", `${runs.folder}/x.png`];
  const cases: [args: string[], code: number, said: RegExp][] = [
    [["--checkpoint", run], 2, /Missing.*--out/],
    [["--checkpoint", run, ...out, "--count", "0"], 2, /Cannot draw 0 images \(--count\)/],
    [["--checkpoint", run, ...out, "--mask-ratio", "0.99"], 2, /Cannot mask 0.99 of 16 patches/],
    [["--checkpoint", run, ...out, "--images", "/none"], 3, /there is no such file or folder/],
    [["--checkpoint", "/none", ...out], 3, /Cannot .*\/none/],
  ];
  for (const [args, code, said] of cases) {
    const result = await call(...args);
    assert.equal(result.code, code, `${args}: ${result.err}`);
    assert.match(result.err, said);
  }
  Deno.removeSync(`${run}/checkpoints`, { recursive: true });
  const { code, err } = await call("--checkpoint", run, ...out);
  assert.equal(code, 3);
  assert.match(err, /Cannot look through .*run: it has no checkpoint yet/);
});
