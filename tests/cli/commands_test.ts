import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { pageOf } from "../../cli/page.ts";
import { parse } from "../../cli/parse.ts";
import { main } from "../../cli/run.ts";
import { FakeTerminal } from "./fake_terminal.ts";

/** The words of a command line, as a shell would have them. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c!);
}

for (const command of COMMANDS) {
  const { name, examples } = command;

  Deno.test(`ccmim ${name} has examples, and its parser takes each of them`, () => {
    assert.ok(examples.length >= 2, name);
    for (const example of examples) {
      const [program, ...args] = words(example);
      assert.equal(program, "ccmim", example);
      assert.equal(args[0], name, example);
      const withoutFile = args.includes("--config")
        ? args.toSpliced(args.indexOf("--config"), 2)
        : args;
      const parsed = parse(withoutFile, { commands: COMMANDS, terminal: new FakeTerminal() });
      assert.equal(parsed.kind, "invocation", `${example}: ${JSON.stringify(parsed)}`);
    }
  });

  Deno.test(`ccmim ${name} --help shows every option in a group, with what it does`, async () => {
    const terminal = new FakeTerminal();
    assert.equal(await main([name, "--help"], { commands: COMMANDS, terminal }), 0);
    const { sections } = pageOf(command);
    assert.ok(sections.length >= 2);
    for (const { title, entries } of sections) {
      assert.ok(terminal.stdout.includes(`\n${title}:\n`), title);
      for (const { term, description } of entries) {
        assert.match(description, /^.{4,}/, `${title}: ${term}`);
        assert.ok(terminal.stdout.includes(term.split(/[ ,]/)[0]!), term);
      }
    }
    assert.match(terminal.stdout, /\nExamples:\n {2}ccmim /);
    assert.match(terminal.stdout, /\nExit codes: 0 done/);
  });

  Deno.test(`ccmim ${name} suggests the nearest option for one that is misspelt`, async () => {
    const [known] = pageOf(command).sections.flatMap(({ entries }) => entries)
      .map(({ term }) => /^--[a-z-]+/.exec(term)?.[0])
      .filter((option) => option !== undefined && option.length > 5);
    const misspelt = `${known!.slice(0, -2)}${known!.at(-1)}`;
    const terminal = new FakeTerminal();
    assert.equal(await main([name, misspelt], { commands: COMMANDS, terminal }), 2);
    assert.match(
      terminal.stderr,
      new RegExp(`Unknown option ${misspelt}: did you mean ${known}\\?`),
    );
  });
}

Deno.test("ccmim suggests the nearest command for one that is misspelt", async () => {
  const terminal = new FakeTerminal();
  assert.equal(await main(["pretrian"], { commands: COMMANDS, terminal }), 2);
  assert.match(terminal.stderr, /Unknown command pretrian: did you mean pretrain\?/);
});

Deno.test("ccmim takes a path that is called like a command", async () => {
  const terminal = new FakeTerminal();
  assert.equal(await main(["inspect", "probe"], { commands: COMMANDS, terminal }), 3);
  assert.match(terminal.stderr, /probe/);
});
