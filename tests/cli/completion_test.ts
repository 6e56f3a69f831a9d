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

/** How each shell is asked what `ccmim pretrain --recipe ci` goes on with. The script is `$1`; `ccmim` is on the path. */
const ASK = {
  bash: `source "$1"
COMP_WORDS=(ccmim pretrain --recipe ci); COMP_CWORD=3; COMP_LINE='ccmim pretrain --recipe ci'
COMP_POINT=\${#COMP_LINE}; _ccmim ccmim ci --recipe; printf '%s\\n' "\${COMPREPLY[@]}"`,
  // A shell at a terminal of its own, into which a person types; what the completed line runs says what it became
  zsh: `zmodload zsh/zpty
mkdir "$1.d" && cp "$1" "$1.d/_ccmim"
zpty shell "TERM=dumb zsh -f -i"
zpty -w shell "PS1= ; fpath=('$1.d' \\$fpath); autoload -U compinit; compinit -u -D; print rea''dy"
until [[ $said == *ready* ]]; do zpty -r shell line; said+=$line; done
zpty -w shell $'ccmim pretrain --recipe ci\\t'
until [[ $said == *called:*recipe\\ * ]]; do zpty -r shell line; said+=$line; done
zpty -d shell
print -r -- "\${line##*--recipe }"`,
  fish: `source $argv[1]; complete --do-complete "ccmim pretrain --recipe ci"`,
} as const;

/** Stands for the command: completes as it does, and else says how it was called. */
const STAND_IN = `#!/bin/sh
if [ "$1" = completion ]; then exec "${Deno.execPath()}" run -A "${
  new URL("../../cli/main.ts", import.meta.url).pathname
}" "$@"; fi
echo "called: $*"
`;

for (const [shell, ask] of Object.entries(ASK)) {
  const found = await new Deno.Command("sh", { args: ["-c", `command -v ${shell}`] }).output();
  Deno.test({
    name: `ccmim completion's script completes in ${shell}`,
    ignore: !found.success,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await Deno.writeTextFile(`${folder}/ccmim`, STAND_IN, { mode: 0o755 });
        const script = `${folder}/script`;
        await Deno.writeTextFile(script, await print("completion", shell));
        const args = shell === "fish" ? ["-c", ask, script] : ["-c", ask, shell, script];
        const { stdout, stderr } = await new Deno.Command(shell, {
          args,
          env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
          signal: AbortSignal.timeout(60_000),
        }).output();
        const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
        assert.equal(out!.trim(), "cifar", `${out}${err}`);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
