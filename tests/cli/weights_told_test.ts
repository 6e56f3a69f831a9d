/** What commands say of the weights that they read. */
import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { main } from "../../cli/run.ts";
import { ProbeFolder } from "../probe/_subject.ts";
import { FakeTerminal } from "./fake_terminal.ts";

let folder: ProbeFolder;
Deno.test.beforeAll(async () => {
  folder = new ProbeFolder();
  await folder.draw();
  const { path } = folder;
  Deno.copyFileSync(
    `${path}/run/checkpoints/step-00000001/model.safetensors`,
    `${path}/alone.safetensors`,
  );
});
Deno.test.afterAll(() => folder[Symbol.dispose]());

async function call(line: string) {
  const terminal = new FakeTerminal();
  const args = line.replaceAll("@", `${folder.path}/`).split(" ");
  const code = await main(args, { commands: COMMANDS, terminal });
  return { code, err: terminal.stderr };
}

const LINES: Readonly<Record<string, string>> = {
  probe: "--data @data --device cpu --threads 1 --kind knn --k 3 --out @probe",
  finetune: "--data @data --device cpu --threads 1 --steps 1 --batch 8 --out @tuned",
  export: "--threads 1 --out @model.onnx",
  embed: "@data --threads 1 --out @features.npy",
};
for (const [command, line] of Object.entries(LINES)) {
  Deno.test(`ccmim ${command} takes the heads that no file says, and says which tensors match`, async () => {
    const without = await call(`${command} --checkpoint @alone.safetensors ${line}`);
    assert.equal(without.code, 2, without.err);
    assert.match(without.err, /Cannot tell how many heads a model of width 16 has: .*--heads/);
    const told = await call(`${command} --checkpoint @alone.safetensors --heads 2 ${line}`);
    assert.equal(told.code, 0, told.err);
    assert.match(told.err, /^Weights: 30 tensors match$/m);
  });
}
