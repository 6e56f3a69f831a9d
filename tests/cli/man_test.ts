import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { main } from "../../cli/run.ts";
import { FakeTerminal } from "./fake_terminal.ts";

async function man(...args: string[]) {
  const terminal = new FakeTerminal();
  const code = await main(["man", ...args], { commands: COMMANDS, terminal });
  return { code, out: terminal.stdout, err: terminal.stderr };
}

Deno.test("ccmim man prints the page of all commands", async () => {
  const { code, out } = await man();
  assert.equal(code, 0);
  assert.match(out, /^\.TH CCMIM 1 "" "ccmim \d/);
  for (const { name, summary } of COMMANDS) {
    assert.ok(out.includes(`.BR ccmim\\-${name} (1)`), name);
    assert.ok(out.replaceAll("\\-", "-").includes(summary), name);
  }
  assert.match(out, /\.B 75\ninterrupted/);
});

Deno.test("ccmim man prints a command's page, without markup that text could make", async () => {
  const { out } = await man("pretrain");
  assert.match(out, /\n\.SH SYNOPSIS\n\.nf\nccmim pretrain \\-\\-data DATASET/);
  assert.match(out, /\n\.TP\n\\fB\\-\\-mask\\-ratio X\\fR\nShare of the patches/);
  assert.match(out, /\n\.SH EXAMPLES\n\.nf\nccmim pretrain /);
  for (const line of out.split("\n")) {
    if (/^[.']/.test(line)) assert.match(line, /^\.(TH|SH|SS|TP|PP|B|BR|I|nf|fi)\b/);
  }
});

Deno.test("ccmim man --out writes a page a command", async () => {
  const folder = await Deno.makeTempDir();
  const { code, out } = await man("--out", `${folder}/man1`);
  assert.equal(code, 0);
  assert.match(out, /Wrote \d+ pages/);
  const files = [...Deno.readDirSync(`${folder}/man1`)].map(({ name }) => name).sort();
  const expected = ["ccmim.1", ...COMMANDS.map(({ name }) => `ccmim-${name}.1`)].sort();
  assert.deepEqual(files, expected);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("ccmim man refuses what it has no page of", async () => {
  const { code, err } = await man("pretrian");
  assert.equal(code, 2);
  assert.match(err, /Cannot print a page of pretrian: the commands are prepare, pretrain/);
  assert.match((await man("pretrain", "--out", "x")).err, /Cannot take both COMMAND and --out/);
});
