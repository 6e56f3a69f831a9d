import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { main } from "../../cli/run.ts";
import { FakeTerminal } from "./fake_terminal.ts";

async function print(...args: string[]): Promise<string> {
  const terminal = new FakeTerminal();
  assert.equal(await main(args, { commands: COMMANDS, terminal }), 0, terminal.stderr);
  return terminal.stdout;
}

for (const shell of ["bash", "zsh", "fish"]) {
  Deno.test(`ccmim completion prints a script for ${shell}`, async () => {
    const script = await print("completion", shell);
    assert.match(script, /ccmim/);
    const found = await new Deno.Command("sh", { args: ["-c", `command -v ${shell}`] }).output();
    if (!found.success) return; // the shell itself can only say it where it is installed
    const child = new Deno.Command(shell, { args: ["-n"], stdin: "piped", stderr: "piped" })
      .spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(script));
    await writer.close();
    const { success, stderr } = await child.output();
    assert.ok(success, new TextDecoder().decode(stderr));
  });
}

Deno.test("ccmim completion completes commands, options and values", async () => {
  assert.match(await print("completion", "bash", "pre"), /\bprepare\b[^]*\bpretrain\b/);
  assert.match(await print("completion", "bash", "pretrain", "--mask"), /--mask-ratio/);
  const recipes = await print("completion", "bash", "pretrain", "--recipe", "imagenet");
  assert.deepEqual(recipes.match(/imagenet-vit-[a-z]/g), [
    "imagenet-vit-s",
    "imagenet-vit-b",
    "imagenet-vit-l",
  ]);
});

Deno.test("ccmim completion's script completes in bash", async () => {
  const folder = await Deno.makeTempDir();
  const script = `${folder}/ccmim.bash`;
  const program = new URL("../../cli/main.ts", import.meta.url).pathname;
  await Deno.writeTextFile(script, await print("completion", "bash"));
  const line = [
    `ccmim() { "${Deno.execPath()}" run -A "${program}" "$@"; }`,
    `source "${script}"`,
    "COMP_WORDS=(ccmim pretrain --recipe ci); COMP_CWORD=3; COMP_LINE='ccmim pretrain --recipe ci'",
    "COMP_POINT=${#COMP_LINE}; _ccmim ccmim ci --recipe; printf '%s\\n' \"${COMPREPLY[@]}\"",
  ].join("\n");
  const { stdout, stderr } = await new Deno.Command("bash", { args: ["-c", line] }).output();
  await Deno.remove(folder, { recursive: true });
  assert.equal(new TextDecoder().decode(stdout).trim(), "cifar", new TextDecoder().decode(stderr));
});
