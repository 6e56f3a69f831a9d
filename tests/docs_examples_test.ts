/** Runs the examples of doc comments and of Markdown in a folder that holds what they speak of. */
import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };
import { COMMANDS } from "../cli/commands.ts";
import { main } from "../cli/run.ts";
import { writePictures } from "../tasks/demo/images.ts";
import { examples, examplesIn, exampleTests } from "../tasks/docs/examples.ts";
import { FakeTerminal } from "./cli/fake_terminal.ts";

const ROOT = new URL("../", import.meta.url);

/** A model small enough to be trained in a moment. */
const MICRO = "--width 16 --depth 1 --heads 2 --decoder-width 16 --decoder-depth 1 " +
  "--decoder-heads 2 --batch 4 --steps 2 --warmup 1 --threads 1 --device cpu";

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

Deno.test("the examples of doc comments and of Markdown run, and what they assert holds", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await furnish(folder);
    const settings = { imports: config.imports, nodeModulesDir: "none" };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(settings));
    await Deno.copyFile(new URL("deno.lock", ROOT), `${folder}/deno.lock`);
    const all = examples(ROOT);
    await Deno.writeTextFile(`${folder}/examples_test.ts`, exampleTests(all, ROOT));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", "--allow-all", "--config", "deno.json", "examples_test.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.ok(success, `${out}${err}`);
    assert.match(out!, new RegExp(`ok \\| ${all.length} passed \\| 0 failed`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("examplesIn() finds blocks with their lines, exampleTests() makes tests of them", () => {
  const comment =
    '/**\n * ```ts\n * import { a as b, type C } from "./mod.ts";\n *\n * b();\n * ```\n */\n';
  const [example, ...others] = examplesIn("lib/x/a.ts", comment);
  assert.deepEqual(others, []);
  assert.equal(example!.line, 2);
  const module = exampleTests([example!], new URL("file:///r/"));
  assert.match(module, /const \{ a: b \} = await import\("file:\/\/\/r\/lib\/x\/mod.ts"\);/);
  assert.match(module, /type C = import\("file:\/\/\/r\/lib\/x\/mod.ts"\).C;/);
  const bad = { file: "a.md", line: 3, code: 'import a from "b";\n' };
  assert.throws(
    () => exampleTests([bad], new URL("file:///r/")),
    new SyntaxError("Cannot run the example in a.md, line 3: it must import by name"),
  );
});
