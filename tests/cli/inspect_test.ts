import assert from "node:assert/strict";
import { inspectCommand } from "../../cli/inspect.ts";
import { main } from "../../cli/run.ts";
import { groupTensors } from "../../cli/tensor_groups.ts";
import { encodeNpy, saveCheckpoint } from "../../lib/checkpoint/mod.ts";
import { inspect } from "../../lib/inspect/mod.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { writePacked } from "../data/packed.ts";

async function call(...args: string[]) {
  const terminal = new FakeTerminal();
  const code = await main(["inspect", ...args], { commands: [inspectCommand(inspect)], terminal });
  return { code, out: terminal.stdout, err: terminal.stderr };
}

const zeros = (shape: number[]) => {
  const data = new Uint8Array(4 * shape.reduce((a, b) => a * b, 1));
  return { dtype: "float32" as const, shape, data };
};

Deno.test("ccmim inspect shows every kind in a table", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeFileSync(`${folder}/a.npy`, encodeNpy(zeros([3, 2])));
    const array = await call(`${folder}/a.npy`);
    assert.equal(array.code, 0);
    assert.match(
      array.out,
      /^NumPy array .*a.npy, 152 B\n\nArray {2}float32 \[3, 2\], 6 elements\n$/,
    );

    Deno.mkdirSync(`${folder}/data`);
    writePacked(`${folder}/data`, { size: 4, images: [{ width: 4, height: 4 }] });
    const dataset = await call(`${folder}/data`);
    assert.match(dataset.out, /^Packed dataset/);
    assert.match(dataset.out, /^Splits {4}train: 1 images in 1 shard$/m);

    const config = { command: "pretrain", config: { model: { width: 8 } }, versions: {} };
    Deno.writeTextFileSync(`${folder}/config.json`, JSON.stringify(config));
    const model = new Map([["blocks.0.w", zeros([2])], ["blocks.1.w", zeros([2])]]);
    saveCheckpoint(folder, 5, { model, state: model, position: { microBatch: 5 } });
    const run = await call(folder);
    assert.match(run.out, /^Run of ccmim pretrain/);
    assert.match(run.out, /^Configuration {2}model: width 8$/m);
    assert.match(run.out, /^Checkpoints {4}1: 5$/m);
    const checkpoint = await call(`${folder}/checkpoints/step-00000005`);
    assert.equal(checkpoint.out.match(/blocks.0-1.w {2}float32 \[2\] {2}x 2/g)?.length, 1);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("ccmim inspect --json gives all of it as one object", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeFileSync(`${folder}/a.npy`, encodeNpy(zeros([3])));
    const { out } = await call(`${folder}/a.npy`, "--json");
    const expected = { kind: "npy", path: `${folder}/a.npy`, bytes: 140, dtype: "float32" };
    assert.deepEqual(JSON.parse(out), { ...expected, shape: [3], elements: 3 });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("ccmim inspect ends with 3 for what it does not know, 2 without a path", async () => {
  const unknown = await call("deno.json");
  assert.equal(unknown.code, 3);
  assert.match(unknown.err, /^ccmim inspect: Cannot tell what deno.json is by its first bytes/);
  assert.equal((await call("/none/at/all")).code, 3);
  assert.equal((await call()).code, 2);
});

Deno.test("groupTensors() tells tensors of repeated blocks once", () => {
  const tensor = (name: string, shape = [1]) => ({ name, dtype: "float32" as const, shape });
  const names = ["blocks.0.a", "blocks.1.a", "blocks.3.a", "b.weight", "blocks.1.c"];
  const groups = groupTensors([...names.map((name) => tensor(name)), tensor("blocks.2.a", [2])]);
  assert.deepEqual(groups.map(({ name, count }) => [name, count]), [
    ["blocks.0-1,3.a", 3],
    ["b.weight", 1],
    ["blocks.1.c", 1],
    ["blocks.2.a", 1],
  ]);
});
