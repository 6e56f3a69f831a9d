/** Runs the examples of doc comments and of Markdown: every block of ts, in a folder that holds what they speak of. */
import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };
import { COMMANDS } from "../cli/commands.ts";
import { main } from "../cli/run.ts";
import { writePictures } from "../tasks/demo/images.ts";
import { FakeTerminal } from "./cli/fake_terminal.ts";

const ROOT = new URL("../", import.meta.url);

/** A model small enough to be trained in a moment. */
const MICRO = "--width 16 --depth 1 --heads 2 --decoder-width 16 --decoder-depth 1 " +
  "--decoder-heads 2 --batch 4 --steps 2 --warmup 1 --threads 1 --device cpu";

/** Files with examples, from the repository's root. */
function* filesWithExamples(path: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(path)) {
    const entry = `${path}/${name}`;
    if (isDirectory) yield* filesWithExamples(entry);
    else if (/\.(ts|md)$/.test(name)) yield entry;
  }
}

/** A block of code, and the line on which it starts. */
interface Example {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

/** The blocks of ts in a file; in TypeScript those in doc comments. */
function examplesIn(file: string): Example[] {
  const text = Deno.readTextFileSync(file);
  const blocks = file.endsWith(".md")
    ? text.matchAll(/^```ts\n(.*?)^```$/gms)
    : text.matchAll(/^ *\* ```ts\n(.*?)^ *\* ```$/gms);
  return [...blocks].map(({ index, 1: block }) => ({
    file,
    line: text.slice(0, index).split("\n").length,
    code: file.endsWith(".md") ? block! : block!.replaceAll(/^ *\* ?/gm, ""),
  }));
}

/**
 * An example as a test of one module with all others: what it imports at its head, it awaits in its body, so that a process
 * loads everything once. It imports by name only.
 */
function asTest({ file, line, code }: Example): string {
  const body = code.replaceAll(
    /^import (type )?\{([^}]*)\} from "([^"]+)";$/gms,
    (_, isType, names: string, from) => {
      const url = /^\.\.?\//.test(from) ? new URL(from, new URL(file, ROOT)).href : from;
      const imported = names.split(",").map((name) => name.trim()).filter(Boolean);
      const values = imported.filter((name) => !isType && !name.startsWith("type "));
      return `const { ${values.join(", ").replaceAll(" as ", ": ")} } = await import("${url}");`;
    },
  );
  assert.doesNotMatch(body, /^(import|export) /m, `${file}:${line} does more than import by name`);
  return `Deno.test({ name: "${file}:${line}", sanitizeResources: false, sanitizeOps: false, async fn() {\n${body}} });\n`;
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

Deno.test("the examples of doc comments and of Markdown run, and what they assert holds", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await furnish(folder);
    const settings = { imports: config.imports, nodeModulesDir: "none" };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(settings));
    await Deno.copyFile(new URL("deno.lock", ROOT), `${folder}/deno.lock`);
    const files = [
      "mod.ts",
      "README.md",
      ...filesWithExamples("lib"),
      ...filesWithExamples("docs"),
    ];
    const examples = files.flatMap(examplesIn);
    const module = [
      `console.assert = (holds, ...said) => { if (!holds) throw new Error("Assertion failed: " + said.join(" ")); };`,
      ...examples.map(asTest),
    ];
    await Deno.writeTextFile(`${folder}/examples_test.ts`, module.join("\n"));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", "--allow-all", "--config", "deno.json", "examples_test.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.ok(success, `${out}${err}`);
    assert.match(out!, new RegExp(`ok \\| ${examples.length} passed \\| 0 failed`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
