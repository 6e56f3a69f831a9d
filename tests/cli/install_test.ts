import assert from "node:assert/strict";
import { writePictures } from "../../tasks/demo/images.ts";

/** Runs a program and says what it printed. @throws if it fails. */
async function run(program: string, args: readonly string[], options: Deno.CommandOptions = {}) {
  const command = new Deno.Command(program, { args: [...args], ...options });
  const { success, stdout, stderr } = await command.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.ok(success, `${program} ${args.join(" ")}\n${out}${err}`);
  return out!;
}

Deno.test("ccmim, installed from an archive, runs in another folder", async () => {
  const folder = await Deno.makeTempDir();
  const [archive, code, root, elsewhere] = ["ccmim.tar.gz", "code", "root", "elsewhere"]
    .map((name) => `${folder}/${name}`) as [string, string, string, string];
  try {
    await run("tar", ["czf", archive, "cli", "lib", "mod.ts", "deno.json", "deno.lock"]);
    for (const path of [code, elsewhere]) await Deno.mkdir(path);
    await run("tar", ["xzf", archive, "-C", code]);
    const install = ["install", "--root", root, "--global", "--allow-all", "--name", "ccmim"];
    await run(Deno.execPath(), [
      ...install,
      "--config",
      `${code}/deno.json`,
      `${code}/cli/main.ts`,
    ]);

    const env = { PATH: `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}` };
    const ccmim = (line: string) =>
      run(`${root}/bin/ccmim`, line.split(" "), { cwd: elsewhere, env });
    await writePictures(`${elsewhere}/pictures`, { seed: 0, train: 2, val: 0 });
    await ccmim("prepare pictures dataset");
    const sizes = "--width 16 --depth 1 --heads 2 --decoder-width 16 --decoder-depth 1";
    const out = await ccmim(
      `pretrain --data dataset --out run ${sizes} --decoder-heads 2 --batch 4 --steps 2 --warmup 1`,
    );
    assert.match(out, /Pretrained 2 steps/);
    assert.match(await ccmim("inspect run"), /2/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
