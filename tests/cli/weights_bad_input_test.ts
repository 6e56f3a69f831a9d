/** Weights that cannot be used, given to `ccmim export`: the message, the exit code, and that nothing is written. */
import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands.ts";
import { main } from "../../cli/run.ts";
import { inFolder } from "../_folder.ts";
import { call, dict, floats, global, members, tensor, text, zip } from "../checkpoint/_pth.ts";
import { encoder, tensor as stored, write } from "../weights/_model.ts";
import { FakeTerminal } from "./fake_terminal.ts";

const numbers = { 0: floats(1, 2, 3, 4) };

/** Runs the export of a file that `make` writes. */
function refused(
  name: string,
  make: (path: string) => void,
  expected: { readonly code: number; readonly message: RegExp; readonly options?: string },
): Promise<void> {
  return inFolder(async (folder) => {
    const path = `${folder}/${name}`;
    make(path);
    const terminal = new FakeTerminal();
    const { options = "" } = expected;
    const line = `export --checkpoint ${path} --to safetensors --out ${folder}/out.safetensors`;
    const argv = `${line} ${options}`.trim().split(" ");
    const code = await main(argv, { commands: COMMANDS, terminal });
    assert.match(terminal.stderr, expected.message);
    assert.equal(code, expected.code);
    assert.deepEqual([...Deno.readDirSync(folder)].map((entry) => entry.name), [name]);
  });
}

const pth = (...file: Parameters<typeof members>) => (path: string) => {
  Deno.writeFileSync(path, zip(members(...file)));
};

Deno.test("ccmim export runs nothing that a pickle asks for", () => {
  const evil = call(global("os", "system"), text("touch pwned"));
  const make = pth(dict({ "patch_embed.proj.weight": tensor([4]), evil }), numbers);
  return refused("evil.pth", make, {
    code: 3,
    message: /it names os\.system, and only tensors and plain containers are read; nothing was run/,
  });
});

Deno.test("ccmim export refuses tensors that reach out of a storage, or lie over each other", async () => {
  const outside = tensor([4], { elements: 4, offset: 1 });
  await refused("outside.pth", pth(dict({ w: outside }), numbers), {
    code: 3,
    message: /Cannot read w of .*outside\.pth: .* reaches out of storage "0" of 4 elements/,
  });
  const a = tensor([3], { elements: 4 });
  const b = tensor([3], { elements: 4, offset: 1 });
  await refused("over.pth", pth(dict({ a, b }), numbers), {
    code: 3,
    message: /Cannot read b of .*over\.pth: it lies over a in storage "0"/,
  });
  await refused("over.safetensors", (path) => {
    write(path, new Map([["a", stored([2])], ["b", stored([2])]]));
    const bytes = Deno.readFileSync(path);
    const at = new TextDecoder("latin1").decode(bytes).indexOf("[8,16]");
    bytes.set(new TextEncoder().encode("[4,12]"), at);
    Deno.writeFileSync(path, bytes);
  }, { code: 3, message: /tensor "b" lies at \[4, 12\) but the bytes before it end at 8/ });
});

Deno.test("ccmim export refuses weights that match in part, or whose heads nobody knows", async () => {
  const make = (path: string) => {
    const tensors = encoder();
    tensors.set("blocks.0.ls1.gamma", stored([8]));
    write(path, tensors);
  };
  await refused("other.safetensors", make, {
    code: 3,
    options: "--heads 2",
    message: /30 tensors match; 1 unknown: blocks\.0\.ls1\.gamma; --partial takes what matches/,
  });
  await refused("other.safetensors", make, {
    code: 2,
    message: /Cannot tell how many heads a model of width 8 has: .*; say it with --heads/,
  });
});
