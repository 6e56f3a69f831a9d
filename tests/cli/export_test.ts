import assert from "node:assert/strict";
import { exportCommand } from "../../cli/export.ts";
import { main } from "../../cli/run.ts";
import { FakeTerminal } from "./fake_terminal.ts";

/** What the command adds, whatever the flags. */
const OURS = ["signal", "onProgress", "onWeights"];

/** The options that `ccmim export <args>` asks for. */
async function optionsOf(args: string): Promise<Record<string, unknown>> {
  let options: Record<string, unknown> = {};
  const command = exportCommand((given) => {
    options = { ...given };
    return Promise.reject(new Error("seen"));
  });
  const terminal = new FakeTerminal();
  await main(["export", ...args.split(" ")], { commands: [command], terminal });
  assert.match(terminal.stderr, /seen/, terminal.stderr);
  const { metadata, ...others } = options;
  const rest = Object.entries(others).filter(([name]) => !OURS.includes(name));
  assert.match((metadata as { ccmim_version: string }).ccmim_version, /^\d+\.\d+\.\d+/);
  return Object.fromEntries(rest.filter(([, value]) => value !== undefined));
}

Deno.test("ccmim export passes every flag on", async () => {
  const [files, plain] = ["--checkpoint run --out a.onnx", { checkpoint: "run", out: "a.onnx" }];
  assert.deepEqual(await optionsOf(files), { ...plain, force: false, partial: false });
  const line = `${files} --to onnx --head classifier --input float32 --outputs cls,cls_attention ` +
    "--dtype float16 --quantize int8 --data d --images 5 --tolerance 0.5 --threads 2 --heads 3 " +
    "--partial --force --names timm";
  assert.deepEqual(await optionsOf(line), {
    ...plain,
    to: "onnx",
    names: "timm",
    head: "classifier",
    input: "float32",
    outputs: ["cls", "cls_attention"],
    dtype: "float16",
    quantize: "int8",
    data: "d",
    images: 5,
    tolerance: 0.5,
    threads: 2,
    heads: 3,
    partial: true,
    force: true,
  });
});

const WRONG: Readonly<Record<string, RegExp>> = {
  "--out a.onnx": /Missing option --checkpoint/i,
  "--checkpoint run": /Missing option --out/i,
  "--checkpoint run --out a --dtype bfloat16":
    /--dtype: Expected one of float32 and float16, but got bfloat16/,
  "--checkpoint run --out a --quantize int4": /--quantize.*int4/,
  "--checkpoint run --out a --input rgb": /--input.*rgb/,
  "--checkpoint run --out a --outputs cls,clz":
    /Cannot use "clz" as an output: there are logits, cls, patch_tokens, pooled, cls_attention/,
  "--checkpoint run --out a --outputs cls,cls": /Cannot use "cls,cls" as outputs: name each once/,
};
for (const [args, message] of Object.entries(WRONG)) {
  Deno.test(`ccmim export ends with 2 for: ${args}`, async () => {
    const terminal = new FakeTerminal();
    const commands = [exportCommand(() => Promise.reject(new Error("called")))];
    const code = await main(["export", ...args.split(" ")], { commands, terminal });
    assert.equal(code, 2);
    assert.match(terminal.stderr, message);
    assert.equal(terminal.stderr.trimEnd().split("\n").length, 1, "one line");
  });
}
