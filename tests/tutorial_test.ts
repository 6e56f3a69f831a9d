/** Runs the commands of docs/tutorial.md, on drawn pictures and shortened. */
import assert from "node:assert/strict";
import { COMMANDS } from "../cli/commands.ts";
import { main } from "../cli/run.ts";
import { writePictures } from "../tasks/demo/images.ts";
import { FakeTerminal } from "./cli/fake_terminal.ts";

/** What makes a line take seconds where a reader waits minutes. */
const SHORTER: readonly (readonly [RegExp, string])[] = [
  [/^(ccmim pretrain .*) --epochs \d+$/, "$1 --steps 2 --warmup 1 --depth 1"],
  [/^(ccmim finetune .*) --epochs \d+$/, "$1 --steps 2 --warmup 1 --batch 16"],
  [/^(ccmim visualize .*)$/, "$1 --count 2"],
  [/^(ccmim report .*)$/, "$1 --images 16"],
];

/** What the lines read and write. */
const FILES = /^(photographs|dataset|run|probe|classifier|features|labels|grid|report)(\.\w+)?$/;

/** Command lines of a Markdown file. */
function commandLines(path: string): string[] {
  const blocks = [...Deno.readTextFileSync(path).matchAll(/```sh\n(.*?)```/gs)];
  return blocks.flatMap(([, block]) => block!.trim().split("\n"));
}

Deno.test("the commands of the tutorial run, one after the other", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writePictures(`${folder}/drawn`, { seed: 0, train: 4, val: 1 });
    await Deno.rename(`${folder}/drawn/train`, `${folder}/photographs`);
    const lines = commandLines("docs/tutorial.md");
    assert.ok(lines.length >= 10);
    for (const line of lines) {
      const shortened = SHORTER.reduce((text, [long, short]) => text.replace(long, short), line);
      const [program, ...words] = shortened.split(" ");
      assert.equal(program, "ccmim");
      const [command, ...args] = words as [string, ...string[]];
      const placed = args.map((word) => FILES.test(word) ? `${folder}/${word}` : word);
      const terminal = new FakeTerminal();
      const code = await main([command, ...placed], { commands: COMMANDS, terminal });
      assert.equal(code, 0, `${line}\n${terminal.stderr}`);
    }
    for (const name of ["grid.png", "classifier.onnx", "labels.jsonl", "report.html"]) {
      assert.ok(Deno.statSync(`${folder}/${name}`).size > 0, name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
