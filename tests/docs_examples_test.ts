/** Runs the examples of doc comments and of Markdown: every block of ts, in a folder that holds what they speak of. */
import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };
import { COMMANDS } from "../cli/commands.ts";
import { main } from "../cli/run.ts";
import { writePictures } from "../tasks/demo/images.ts";
import { FakeTerminal } from "./cli/fake_terminal.ts";

const ROOT = new URL("../", import.meta.url).pathname;

/** A model small enough to be trained in a moment. */
const MICRO = "--width 16 --depth 1 --heads 2 --decoder-width 16 --decoder-depth 1 " +
  "--decoder-heads 2 --batch 4 --steps 2 --warmup 1 --threads 1 --device cpu";

/** Files with examples. */
function* filesWithExamples(path: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(path)) {
    const entry = `${path}/${name}`;
    if (isDirectory) yield* filesWithExamples(entry);
    else if (/\.(ts|md)$/.test(name) && Deno.readTextFileSync(entry).includes("```ts")) {
      yield entry;
    }
  }
}

/** `pictures`, `dataset`, `run` and `encoder.onnx`. */
async function furnish(folder: string) {
  await writePictures(`${folder}/pictures`, { seed: 0, train: 6, val: 2 });
  const terminal = new FakeTerminal();
  for (
    const line of [
      `prepare ${folder}/pictures ${folder}/dataset`,
      `pretrain --data ${folder}/dataset --out ${folder}/run ${MICRO}`,
      `export --checkpoint ${folder}/run --out ${folder}/encoder.onnx`,
    ]
  ) {
    const code = await main(line.split(" "), { commands: COMMANDS, terminal });
    assert.equal(code, 0, terminal.stderr);
  }
}

Deno.test("the examples of doc comments and of Markdown run", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await furnish(folder);
    const settings = { imports: config.imports, nodeModulesDir: "none" };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(settings));
    await Deno.copyFile(`${ROOT}deno.lock`, `${folder}/deno.lock`);
    const files = [
      `${ROOT}mod.ts`,
      `${ROOT}README.md`,
      ...filesWithExamples(`${ROOT}lib`),
      ...filesWithExamples(`${ROOT}docs`),
    ];
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "test",
        "--doc",
        "--no-check",
        "--allow-all",
        "--config",
        `${folder}/deno.json`,
        ...files,
      ],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.ok(success, `${out}${err}`);
    assert.match(out!, new RegExp(`ok \\| [1-9]\\d* passed \\(?.*0 failed`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
