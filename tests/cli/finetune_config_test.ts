import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { main } from "../../cli/run.ts";
import { ProbeFolder } from "../probe/_subject.ts";
import { FakeTerminal } from "./fake_terminal.ts";

let folder: ProbeFolder;
Deno.test.beforeAll(async () => {
  folder = new ProbeFolder();
  await folder.draw();
});
Deno.test.afterAll(() => folder[Symbol.dispose]());

async function call(line: string, config: string) {
  const file = `${folder.path}/mine.jsonc`;
  await Deno.writeTextFile(file, config);
  const terminal = new FakeTerminal();
  const args = `${line} --config ${file} --out @out`.replaceAll("@", `${folder.path}/`).split(" ");
  const code = await main(args, { commands: COMMANDS, terminal });
  const shown = [terminal.stdout, terminal.stderr].map((text) => text.replaceAll(file, "FILE"));
  return { code, out: shown[0]!, err: shown[1]! };
}

Deno.test("ccmim finetune --print-config says where every value comes from", async () => {
  const line = "finetune --checkpoint @run --data @data --lr 1e-3 --print-config";
  const { code, out, err } = await call(line, '{"mixup": 0.5, "base-lr": 3, "steps": 7}');
  assert.equal(code, 0, err);
  for (
    const row of [
      /^\/\/ Recipe small: /,
      /\n {2}"mixup": 0.5, +\/\/ FILE, line 1\n/,
      /\n {2}"lr": 0.001, +\/\/ flag\n/,
      /\n {2}"steps": 7, +\/\/ FILE, line 1\n/,
      /\n {2}"layer-decay": 0.75, +\/\/ recipe small\n/,
      /\n {2}"image-size": \d+, +\/\/ checkpoint\n/,
      /\n {2}"recipe": "small", +\/\/ default \d+ pixels\n/,
    ]
  ) {
    assert.match(out, row);
  }
  assert.doesNotMatch(out, /"base-lr"|"epochs"/);
  assert.throws(() => Deno.statSync(`${folder.path}/out`), Deno.errors.NotFound);
});

Deno.test("ccmim finetune and probe refuse files of options that are not theirs", async () => {
  const finetune = "finetune --checkpoint @run --data @data --print-config";
  const wrong = await call(finetune, '{"layer-decy": 0.5}');
  assert.equal(wrong.code, 2);
  assert.match(
    wrong.err,
    /Cannot take layer-decy from FILE, line 1: .* did you mean layer-decay\?/,
  );
  const range = await call(finetune, '{"drop-path": 2}');
  assert.deepEqual([range.code, range.out], [2, ""]);
  const probe = "probe --checkpoint @run --data @data --kind knn --print-config";
  assert.match((await call(probe, '{"mask-ratio": 0.5}')).err, /there is no such option/);
  const { code, out } = await call(probe, '{"k": 3, "seeds": [1]}');
  assert.equal(code, 0);
  assert.match(out, /\n {2}"k": 3, +\/\/ FILE, line 1\n/);
  assert.match(out, /\n {2}"kind": "knn", +\/\/ flag\n/);
});

Deno.test("ccmim probe --print-config says where every value comes from, and gives the same probe", async () => {
  const shown = async (line: string, config: string) => {
    const { code, out, err } = await call(`probe --data @data ${line} --print-config`, config);
    assert.equal(code, 0, err);
    return out;
  };
  const rows: readonly (readonly [line: string, config: string, rows: readonly RegExp[]])[] = [
    ["--checkpoint @run --kind knn", '{"k": 3}', [
      /^\/\/ probe of kind knn, judged by test\n/,
      /\n {2}"k": 3, +\/\/ FILE, line 1\n/,
      /\n {2}"temperature": 0.07, +\/\/ default\n/,
      /\n {2}"width": \d+, +\/\/ checkpoint\n/,
      /\n {2}"split": "test", +\/\/ dataset\n/,
    ]],
    ["--checkpoint @run --cache", '{\n"seed": 3}', [
      /\n {2}"seed": 3, +\/\/ FILE, line 2\n/,
      /\n {2}"base-lrs": "0.01,.*,30", +\/\/ default lars\n/,
      /\n {2}"epochs": 90, +\/\/ default\n/,
    ]],
    ["--checkpoint random --kind partial --depth 1 --steps 7", '{"warmup": "2steps"}', [
      /\n {2}"base-lr": 0.001, +\/\/ default adamw\n/,
      /\n {2}"steps": 7, +\/\/ flag\n/,
      /\n {2}"warmup": "2steps", +\/\/ FILE, line 1\n/,
      /\n {2}"depth": 1, +\/\/ flag\n/,
      /\n {2}"width": \d+, +\/\/ recipe /,
    ]],
  ];
  for (const [line, config, expected] of rows) {
    const out = await shown(line, config);
    for (const row of expected) assert.match(out, row);
    // What was printed, but for the files, gives the same values
    const again = await shown(line, out.replace(/\n {2}"(checkpoint|data|out)": .*/g, ""));
    const values = (text: string) =>
      text.replaceAll(/ +\/\/ .*/g, "").trim().split("\n").toSorted();
    assert.deepEqual(values(again), values(out));
  }
});
