import assert from "node:assert/strict";
import { writePictures } from "../../tasks/demo/images.ts";

/** Runs an example as a reader would. @returns what it prints. */
async function run(name: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", `docs/examples/${name}.ts`, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.ok(success, `${name}: ${out}${err}`);
  return out!;
}

Deno.test("docs/examples/train.ts learns to tell the spirals apart, in 30 lines", async () => {
  const lines = Deno.readTextFileSync("docs/examples/train.ts").trimEnd().split("\n");
  assert.ok(
    lines.length <= 30 && lines.every((line) => line.length <= 120),
    `${lines.length} lines`,
  );
  const losses = [...(await run("train")).matchAll(/step \d+: loss (\S+)/g)].map(([, x]) => +x!);
  assert.equal(losses.length, 5);
  assert.ok(losses[0]! > 0.4 && losses.at(-1)! < 0.02, `losses ${losses}`);
});

Deno.test("docs/examples/pretrain.ts trains, probes, exports; docs/examples/run_encoder.ts runs what it wrote", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writePictures(`${folder}/pictures`, { seed: 0, train: 12, val: 1 });
    const out = await run("pretrain", `${folder}/pictures/train`, `${folder}/out`, "3");
    assert.match(out, /^reconstruction loss \d/m);
    assert.match(out, /nearest neighbours are right about \d/);

    const [a, b] = ["circle", "square"].map((shape) => {
      const [first] = [...Deno.readDirSync(`${folder}/pictures/train/${shape}`)];
      return `${folder}/pictures/train/${shape}/${first!.name}`;
    });
    const cosines = await run("run_encoder", `${folder}/out/encoder.onnx`, a!, b!, a!);
    const [first, , third] = cosines.trim().split("\n").map((row) => row.split(/ +/).slice(0, 3));
    assert.deepEqual([first![0], first![2]], ["1.000", "1.000"]);
    assert.deepEqual(third, first);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
