/** `ccmim export` on a run of `ccmim pretrain`, through the real library. */
import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { main } from "../../cli/run.ts";
import { decode } from "../../lib/onnx/mod.ts";
import { TINY_FLAGS } from "../../tasks/tiny.ts";
import { writeDataset } from "../train/_dataset.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const MICRO = `${TINY_FLAGS} --warmup 1 --steps 2 --device cpu`;

let folder = "";
Deno.test.beforeAll(async () => {
  folder = Deno.makeTempDirSync();
  writeDataset(`${folder}/data`, { size: 8, train: 12, val: 4 });
  const { code, err } = await call(`pretrain --data ${folder}/data --out ${folder}/run ${MICRO}`);
  assert.equal(code, 0, err);
});
Deno.test.afterAll(() => Deno.removeSync(folder, { recursive: true }));

async function call(line: string) {
  const terminal = new FakeTerminal();
  const code = await main(line.split(" "), { commands: COMMANDS, terminal });
  return { code, out: terminal.stdout, err: terminal.stderr };
}

const exported = (name: string, options = "", checkpoint = `${folder}/run`) =>
  call(`export --checkpoint ${checkpoint} --out ${folder}/${name} --threads 1 ${options}`.trim());

const there = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("ccmim export writes a run's encoder, tries it with the dataset's images and says so", async () => {
  const { code, out, err } = await exported("a.onnx", `--data ${folder}/data --images 3`);
  assert.equal(code, 0, err);
  const [what, ports, check] = out.split("\n");
  assert.match(what!, /a\.onnx \(0\.\d+ MB\): encoder, ViT 16x1x2, 8 px in patches of 2$/);
  assert.equal(ports, "Input: uint8; outputs: cls, patch_tokens, pooled; float32 weights");
  assert.match(
    check!,
    /^Largest difference to the checkpoint on 3 images of .*data: \d\.\de-\d+ \(\w+\), .* up to 0.0001 is borne$/,
  );
  const { metadataProps } = decode("Model", Deno.readFileSync(`${folder}/a.onnx`));
  const metadata = new Map(metadataProps!.map(({ key, value }) => [key, value]));
  assert.equal(metadata.get("method"), "ccmim");
  assert.equal(metadata.get("checkpoint"), "step-00000002");
  assert.match(metadata.get("checkpoint_sha256")!, /^[0-9a-f]{64}$/);
  assert.match(metadata.get("dataset_sha256")!, /^[0-9a-f]{64}$/);
  assert.match(metadata.get("trained_with")!, /"onnxruntime":/);
  assert.deepEqual(JSON.parse(metadata.get("std")!), [0.229, 0.224, 0.225]);
});

Deno.test("ccmim export tries a file with drawn images where there is no dataset", async () => {
  Deno.renameSync(`${folder}/data`, `${folder}/away`);
  try {
    const { code, out, err } = await exported("drawn.onnx");
    assert.equal(code, 0, err);
    assert.match(out, /^Largest difference to the checkpoint on 16 drawn images: /m);
  } finally {
    Deno.renameSync(`${folder}/away`, `${folder}/data`);
  }
});

Deno.test("ccmim export --json prints one object; float16, int8, attention, float32 input", async () => {
  const lines = ["--dtype float16 --input float32", "--quantize int8 --outputs cls_attention,cls"];
  for (const [i, options] of lines.entries()) {
    const { code, out, err } = await exported(`b${i}.onnx`, `${options} --json`);
    assert.equal(code, 0, err);
    const { sha256, differences, images, data, bytes } = JSON.parse(out);
    assert.match(sha256, /^[0-9a-f]{64}$/);
    assert.deepEqual([images, data], [4, `${folder}/data`]);
    assert.equal(bytes, Deno.statSync(`${folder}/b${i}.onnx`).size);
    const names = i === 0 ? ["cls", "patch_tokens", "pooled"] : ["cls", "cls_attention"];
    assert.deepEqual(Object.keys(differences).sort(), names);
    for (const { relative } of Object.values<{ relative: number }>(differences)) {
      assert.ok(relative > 0 && relative < 0.1, `${relative}`);
    }
  }
});

Deno.test("ccmim export --to safetensors writes weights by other names", async () => {
  const { code, out, err } = await call(
    `export --checkpoint ${folder}/run --out ${folder}/w.safetensors --to safetensors --names timm`,
  );
  assert.equal(code, 0, err);
  assert.match(out, /w\.safetensors \(0\.\d+ MB\): \d+ tensors by the names of timm$/m);
  assert.match(out, /^Read back, they are the checkpoint's bit by bit$/m);
  assert.match(out, /^Left out: \d+ tensors, /m);
  // What was written can be exported again
  const again = await exported("again.onnx", "", `${folder}/w.safetensors`);
  assert.equal(again.code, 0, again.err);
});

Deno.test("ccmim export refuses a file that exists, unless --force, and makes folders on the way", async () => {
  Deno.writeTextFileSync(`${folder}/taken.onnx`, "old");
  const refused = await exported("taken.onnx");
  assert.equal(refused.code, 2);
  assert.match(refused.err, /Cannot write .*taken\.onnx: it exists; use --force to replace it$/m);
  assert.equal(Deno.readTextFileSync(`${folder}/taken.onnx`), "old");
  assert.equal((await exported("taken.onnx", "--force")).code, 0);
  assert.ok(Deno.statSync(`${folder}/taken.onnx`).size > 1000);
  const deep = await exported("none/deep/a.onnx");
  assert.equal(deep.code, 0, deep.err);
  assert.ok(Deno.statSync(`${folder}/none/deep/a.onnx`).isFile);
});

Deno.test("ccmim export removes a file that is over the tolerance, and ends with 1", async () => {
  const before = there();
  const { code, out, err } = await exported("far.onnx", "--dtype float16 --tolerance 1e-9 --json");
  assert.equal(code, 1);
  assert.match(
    err,
    /Cannot vouch for .*far\.onnx, so it was removed: cls differs from the checkpoint's by [\d.e-]+, [\d.e-]+ of its largest value on images of .*data, and 1e-9 is borne/,
  );
  assert.equal(JSON.parse(out).error.code, 1);
  assert.deepEqual(there(), before);
});

const WRONG: Readonly<Record<string, readonly [string, number, RegExp]>> = {
  "a head that is not there": ["--head classifier", 2, /Cannot export a classifier: .* no head/],
  "logits of no head": ["--outputs logits", 2, /Cannot give logits with --head features/],
  "8 bits of 16": [
    "--quantize int8 --dtype float16",
    2,
    /Cannot use --quantize int8 with --dtype float16: what is not quantised stays float32/,
  ],
  "names in ONNX": ["--names timm", 2, /Cannot use --names with --to onnx/],
  "a type in safetensors": [
    "--to safetensors --dtype float16",
    2,
    /Cannot use --dtype with --to safetensors: it is of onnx/,
  ],
  "other heads": ["--heads 4", 2, /Cannot use 4 heads: the model was trained with 2/],
  "images that are not there": ["--data nowhere", 3, /Cannot read nowhere: there is no such/],
};
for (const [what, [options, expected, message]] of Object.entries(WRONG)) {
  Deno.test(`ccmim export ends with ${expected} for ${what}, and writes nothing`, async () => {
    const before = there();
    const { code, err } = await call(
      `export --checkpoint ${folder}/run --out ${folder}/wrong.onnx ${options}`,
    );
    assert.equal(code, expected, err);
    assert.match(err, message);
    assert.deepEqual(there(), before);
  });
}

Deno.test("ccmim export ends with 3 where there is no checkpoint, or a damaged one", async () => {
  const none = await exported("x.onnx", "", `${folder}/nothing`);
  assert.equal(none.code, 3);
  assert.match(none.err, /Cannot read weights from .*nothing: it does not exist/);
  Deno.writeTextFileSync(`${folder}/bad.safetensors`, "these are no weights");
  const bad = await exported("x.onnx", "", `${folder}/bad.safetensors`);
  assert.equal(bad.code, 3);
  assert.match(bad.err, /bad\.safetensors/);
});

Deno.test("A killed export leaves no half file, and the next one clears up after it", async () => {
  const out = `${folder}/killed.onnx`;
  const leftovers = () => there().filter((name) => name.startsWith(".tmp-killed.onnx-"));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "cli/main.ts", "export", "--checkpoint", `${folder}/run`, "--out", out],
    cwd: ROOT,
    stdout: "null",
    stderr: "null",
  }).spawn();
  // From then on until it has been checked, the file lies under another name
  while (leftovers().length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill("SIGKILL");
  await child.status;
  assert.throws(() => Deno.statSync(out), Deno.errors.NotFound);
  assert.equal(leftovers().length, 1);
  assert.equal((await exported("killed.onnx")).code, 0);
  assert.deepEqual(leftovers(), []);
});
