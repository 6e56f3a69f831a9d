import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import { option } from "@optique/core/primitives";
import { integer } from "@optique/core/valueparser";
import assert from "node:assert/strict";
import { defineCommand, type Report } from "../../cli/command.ts";
import type { Context } from "../../cli/context.ts";
import { main } from "../../cli/run.ts";
import { VERSION } from "../../lib/train/version.ts";
import deno from "../../deno.json" with { type: "json" };
import { ConfigError } from "../../lib/recipes/mod.ts";
import { FakeTerminal } from "./fake_terminal.ts";

type Run = (options: { size: number | undefined }, context: Context) => Promise<Report>;

/** Runs a command line over two commands, `grow` being `run`. */
async function call(line: string, run: Run = () => Promise.resolve({ text: "", json: {} })) {
  const terminal = new FakeTerminal();
  const grow = defineCommand({
    name: "grow",
    summary: "Make things larger",
    examples: ["ccmim grow --size 3"],
    parser: object("Growth", {
      size: optional(
        option("--size", integer({ metavar: "N" }), {
          description: message`Size in pixels. [7]`,
        }),
      ),
    }),
    run,
  });
  const rest = defineCommand({
    name: "rest",
    summary: "Do nothing",
    parser: object({}),
    run: () => Promise.resolve({ text: "rested", json: { rested: true } }),
  });
  const code = await main(line.split(" ").filter(Boolean), { commands: [grow, rest], terminal });
  return { code, out: terminal.stdout, err: terminal.stderr };
}

Deno.test("main() prints the result on standard output and the rest on standard error", async () => {
  const run: Run = ({ size }, context) => {
    context.note("working");
    context.warn("a bit");
    return Promise.resolve({ text: `size ${size}`, json: { size } });
  };
  assert.deepEqual(await call("grow --size 3", run), {
    code: 0,
    out: "size 3\n",
    err: "working\nwarning: a bit\n",
  });
  assert.deepEqual(await call("grow --size 3 --json", run), {
    code: 0,
    out: '{"size":3}\n',
    err: "working\nwarning: a bit\n",
  });
  assert.equal((await call("rest")).out, "rested\n");
});

Deno.test("main() says an error in one line and ends with its code", async () => {
  const run: Run = () => Promise.reject(new ConfigError("Cannot grow:\n  too large"));
  assert.deepEqual(await call("grow", run), {
    code: 2,
    out: "",
    err: "ccmim grow: Cannot grow: too large\n",
  });
  assert.deepEqual(await call("grow --json", run), {
    code: 2,
    out: '{"error":{"message":"Cannot grow: too large","code":2}}\n',
    err: "ccmim grow: Cannot grow: too large\n",
  });
  const thrown: Run = () => {
    throw new Error("odd");
  };
  assert.equal((await call("grow", thrown)).code, 1);
});

Deno.test("main() suggests the nearest option or command, with code 2", async () => {
  const cases: Record<string, string> = {
    "grow --szie 3":
      "ccmim grow: Unknown option --szie: did you mean --size? (see ccmim grow --help)",
    "gorw": "ccmim: Unknown command gorw: did you mean grow? (see ccmim --help)",
    "grow --zzzzzz": "ccmim grow: Unknown option --zzzzzz (see ccmim grow --help)",
    "grow 3": "ccmim grow: Unknown argument 3 (see ccmim grow --help)",
    "grow --size": "ccmim grow: --size requires N (see ccmim grow --help)",
  };
  for (const [line, expected] of Object.entries(cases)) {
    const { code, out, err } = await call(line);
    assert.deepEqual({ code, out, err }, { code: 2, out: "", err: `${expected}\n` });
  }
  const { out } = await call("grow --szie 3 --json");
  assert.equal(JSON.parse(out).error.code, 2);
});

Deno.test("main() shows help of all commands and of one", async () => {
  const all = await call("--help");
  assert.equal(all.code, 0);
  assert.match(all.out, /Usage: ccmim COMMAND \[OPTIONS\]/);
  assert.match(all.out, /grow +Make things larger\n +rest +Do nothing/);
  assert.match(all.out, /Exit codes: 0 done, 2 usage, 3 input data/);

  const one = await call("grow --help");
  assert.equal(one.code, 0);
  assert.match(one.out, /Growth:\n +--size N +Size in pixels\. \[7\]/);
  assert.match(one.out, /Examples:\n {2}ccmim grow --size 3\n/);
  assert.match(one.out, /--json/);
  assert.equal((await call("help grow")).out, one.out);
});

Deno.test("main() without arguments shows help on standard error, with code 2", async () => {
  const { code, out, err } = await call("");
  assert.deepEqual({ code, out }, { code: 2, out: "" });
  assert.match(err, /Usage: ccmim COMMAND/);
});

Deno.test("main() says the version that deno.json says", async () => {
  assert.equal(VERSION, deno.version);
  assert.deepEqual(await call("--version"), { code: 0, out: `${deno.version}\n`, err: "" });
});
