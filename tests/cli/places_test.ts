/** What every command does about a place that it is to write to. */
import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { main } from "../../cli/run.ts";
import { exists } from "../../lib/files/mod.ts";
import { ProbeFolder } from "../probe/_subject.ts";
import { FakeTerminal } from "./fake_terminal.ts";

let folder: ProbeFolder;
Deno.test.beforeAll(async () => {
  folder = new ProbeFolder();
  await folder.draw();
  const { code, err } = await call("finetune", `${SUBJECT} --steps 1 --batch 8 --out @tuned`);
  assert.equal(code, 0, err);
  Deno.writeTextFileSync(`${folder.path}/file`, "");
});
Deno.test.afterAll(() => folder[Symbol.dispose]());

/** `@` stands for the folder. */
async function call(command: string, line: string) {
  const terminal = new FakeTerminal();
  const args = [command, ...line.replaceAll("@", `${folder.path}/`).split(" ")];
  const code = await main(args, { commands: COMMANDS, terminal });
  return { code, err: terminal.stderr };
}

const SUBJECT = "--checkpoint @run --data @data --device cpu --threads 1";

/** Of each way to write: the command without `--out`, and a name to write. */
const WAYS: Readonly<Record<string, readonly [command: string, line: string, name: string]>> = {
  "finetune": ["finetune", `${SUBJECT} --steps 1 --batch 8`, "run"],
  "finetune --evaluate-only": [
    "finetune",
    "--evaluate-only --checkpoint @tuned --data @data --device cpu --threads 1",
    "judged",
  ],
  "probe": ["probe", `${SUBJECT} --steps 1 --batch 8`, "probe"],
  "probe --kind knn": ["probe", `${SUBJECT} --kind knn --k 3`, "probe"],
  "probe --cache": ["probe", `${SUBJECT} --cache --epochs 1`, "probe"],
  "export": ["export", "--checkpoint @run --threads 1", "model.onnx"],
  "export --to safetensors": ["export", "--checkpoint @run --to safetensors", "a.safetensors"],
  "embed": ["embed", "@data --checkpoint @run --threads 1", "features.npy"],
};

for (const [way, [command, line, name]] of Object.entries(WAYS)) {
  Deno.test(`ccmim ${way} makes the folders on the way to --out`, async () => {
    const out = `${way.replaceAll(" ", "_")}/deep/${name}`;
    const { code, err } = await call(command, `${line} --out @${out}`);
    assert.equal(code, 0, err);
    assert.ok(exists(`${folder.path}/${out}`));
  });
}

/** Those that need more than this folder has, to come further than to their place. */
const REFUSING: typeof WAYS = {
  ...WAYS,
  "pretrain": ["pretrain", "--data @data", "run"],
  "visualize": ["visualize", "--checkpoint @run --images @data", "grid.png"],
  "report": ["report", "@tuned", "report.html"],
};

for (const [way, [command, line, name]] of Object.entries(REFUSING)) {
  Deno.test(`ccmim ${way} refuses a place with a file on the way, before it works`, async () => {
    const { code, err } = await call(command, `${line} --out @file/${name}`);
    assert.equal(code, 2, err);
    assert.match(
      err,
      /^(Weights: .+\n)?ccmim \w+: Cannot write .+\/file\/\S+: .+\/file is no folder\n$/,
    );
  });

  Deno.test({
    name: `ccmim ${way} refuses a place that cannot be written, before it works`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const { code, err } = await call(command, `${line} --out /proc/ccmim/${name}`);
      assert.equal(code, 4, err);
      assert.match(err, /^(Weights: .+\n)?ccmim \w+: Cannot write \/proc\/ccmim\/\S+: .+\n$/);
    },
  });
}
