/** Parses every command line in README and docs with the parsers of the command itself. */
import assert from "node:assert/strict";
import { COMMANDS } from "../cli/commands.ts";
import { parse } from "../cli/parse.ts";
import { FakeTerminal } from "./cli/fake_terminal.ts";

const CONFIG = Deno.makeTempFileSync({ suffix: ".jsonc" });
Deno.writeTextFileSync(CONFIG, "{}");
Deno.test.afterAll(() => Deno.removeSync(CONFIG));

/** What the parsers make of a command line; a file of options that it names is an empty one. */
function understand(args: readonly string[]) {
  const placed = args.map((word) => word === "mine.jsonc" ? CONFIG : word);
  return parse(placed, { commands: COMMANDS, terminal: new FakeTerminal() });
}

/** Markdown in a folder and below. */
function* markdownIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* markdownIn(`${folder}/${name}`);
    else if (name.endsWith(".md")) yield `${folder}/${name}`;
  }
}

/** The words of a shell's line up to a comment, a pipe or a redirection; quotes are taken away. */
function words(line: string): string[] {
  const all = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  const end = all.findIndex((word) => /^[#|>&;]/.test(word));
  return all.slice(0, end < 0 ? undefined : end).map((word) => word.replaceAll(/['"]/g, ""));
}

/** What follows `ccmim`, as the first word, in a container or as a task, in the blocks of sh of a file. */
function commandLines(path: string): { line: string; args: string[] }[] {
  const blocks = [...Deno.readTextFileSync(path).matchAll(/^```(?:sh|bash)\n(.*?)^```$/gms)];
  const lines = blocks.flatMap(([, block]) => block!.replaceAll(/\\\n\s*/g, "").split("\n"));
  return lines.flatMap((line) => {
    const all = words(line);
    const at = all.findIndex((word) => word === "ccmim" || word.startsWith("ccmim:"));
    const isCall = at === 0 || ["docker run", "deno task"].some((how) => line.startsWith(how));
    return at >= 0 && isCall ? [{ line, args: all.slice(at + 1) }] : [];
  });
}

Deno.test("every command line in README and docs is one that ccmim takes", () => {
  let count = 0;
  for (const path of ["README.md", ...markdownIn("docs")]) {
    for (const { line, args } of commandLines(path)) {
      // The synopsis at the head of a command's page
      if (path.startsWith("docs/commands/") && args.includes("...")) continue;
      const parsed = understand(args);
      assert.notEqual(
        parsed.kind,
        "wrong",
        `${path}: ${line}\n${parsed.kind === "wrong" ? parsed.message : ""}`,
      );
      count++;
    }
  }
  assert.ok(count > 80, `${count} lines`);
});

Deno.test("every example of a command is one that it takes", () => {
  for (const { name, examples } of COMMANDS) {
    assert.ok(examples.length > 0, name);
    for (const example of examples) {
      const [program, ...args] = words(example);
      assert.deepEqual([program, args[0]], ["ccmim", name]);
      const parsed = understand(args);
      assert.notEqual(parsed.kind, "wrong", `${example}: ${JSON.stringify(parsed)}`);
    }
  }
});
