import assert from "node:assert/strict";
import { pretrainCommand } from "../../cli/pretrain.ts";
import { main } from "../../cli/run.ts";
import { resolvePretrain } from "../../lib/recipes/mod.ts";
import type { PretrainRequest } from "../../lib/train/events.ts";
import { Runs } from "../train/_runs.ts";
import { FakeTerminal } from "./fake_terminal.ts";

/** Runs `ccmim pretrain` with a file of options, up to the request that training gets. */
async function call(config: string | null, line: string, data = "set") {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/run.jsonc`;
  if (config !== null) await Deno.writeTextFile(file, config);
  const terminal = new FakeTerminal();
  const requests: PretrainRequest[] = [];
  const command = pretrainCommand((request) => {
    requests.push(request);
    throw new Error("trained");
  });
  try {
    const args = ["pretrain", "--data", data, "--config", file, ...line.split(" ").filter(Boolean)];
    const code = await main(args, { commands: [command], terminal });
    const err = terminal.stderr.replaceAll(file, "FILE");
    return { code, request: requests[0], out: terminal.stdout.replaceAll(file, "FILE"), err };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("--config gives options, and the command line wins over it", async () => {
  const config = `{
    "out": "there", "recipe": "cifar", // comments are fine
    "epochs": 30, "lr": 1e-3, "mask-ratio": 0.6, "norm-pix-loss": false, "warmup": 2,
    "log": ["tensorboard"], "batch": "auto", "keep": 3,
  }`;
  const { request, err } = await call(config, "--steps 10 --mask-ratio=0.5");
  assert.match(err, /: trained\n$/);
  assert.equal(request!.out, "there");
  const given = Object.entries(request!.options).filter(([, value]) => value !== undefined);
  assert.deepEqual(Object.fromEntries(given), {
    recipe: "cifar",
    steps: 10,
    lr: 1e-3,
    maskRatio: 0.5,
    normPixLoss: false,
    warmup: { count: 2 },
    batch: "auto",
  });
  assert.deepEqual(request!.checkpoints, { keep: 3 });
  const { request: both } = await call('{"norm-pix-loss": false}', "--out run --norm-pix-loss");
  assert.equal(both!.options.normPixLoss, true);
});

Deno.test("--config says what is wrong with a file, and exits with 2", async () => {
  const cases: readonly (readonly [string | null, string])[] = [
    [null, "Cannot read options from FILE: there is no such file"],
    [
      '{"mask-ration": 1}',
      "Cannot take mask-ration from FILE, line 1: there is no such option: did you mean mask-ratio?",
    ],
    [
      '{\n"maskRatio": 1}',
      "Cannot take maskRatio from FILE, line 2: there is no such option: did you mean mask-ratio?",
    ],
    [
      '{"no-norm-pix-loss": true}',
      "Cannot take no-norm-pix-loss from FILE, line 1: there is no such option: did you mean norm-pix-loss?",
    ],
    ['{"zzzzzz": 1}', "Cannot take zzzzzz from FILE, line 1: there is no such option"],
    ['{"epochs": "5"}', 'Cannot take epochs from FILE, line 1: it must be a number and is "5"'],
    ['{"epochs": true}', "Cannot take epochs from FILE, line 1: it must be a number and is true"],
    [
      '{"norm-pix-loss": "on"}',
      'Cannot take norm-pix-loss from FILE, line 1: it must be true or false and is "on"',
    ],
    ['{"method": 3}', "Cannot take method from FILE, line 1: it must be a string and is 3"],
    ['{"resume": true}', "Cannot take resume from FILE, line 1: it is for the command line alone"],
    [
      '{"epochs": 2.5}',
      "--epochs: Expected a valid integer, but got 2.5 (epochs is in FILE, line 1)",
    ],
    [
      '{"method": "moco"}',
      "--method: Expected one of ccmim and mae, but got moco (method is in FILE, line 1)",
    ],
    ['{"epochs": 3', "Cannot read FILE as JSON: close brace expected in line 1"],
  ];
  for (const [config, message] of cases) {
    const { code, err, request } = await call(config, "--out run");
    assert.equal(code, 2, message);
    assert.equal(err, `ccmim pretrain: ${message} (see ccmim pretrain --help)\n`);
    assert.equal(request, undefined);
  }
  const { out, code } = await call('{"epoch": 3}', "--out run --json");
  assert.equal(code, 2);
  assert.match(JSON.parse(out).error.message, /did you mean epochs\?/);
});

Deno.test("a value out of its range is said to be the file's, where it is", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/run.jsonc`;
  await Deno.writeTextFile(file, '{\n  "seed": 3,\n  "mask-ratio": 1.5, "steps": 5\n}');
  const call = async (line: string) => {
    const terminal = new FakeTerminal();
    const command = pretrainCommand(({ options }) => {
      resolvePretrain(options, { imageSize: 32, trainCount: 1000 });
      throw new Error("resolved");
    });
    const args = ["pretrain", "--data", folder, "--out", "run", "--config", file];
    const code = await main([...args, ...line.split(" ")], { commands: [command], terminal });
    return [code, terminal.stderr.replaceAll(file, "FILE")];
  };
  try {
    const ratio = "Cannot use 1.5 as --mask-ratio: it must be between 0 and 1";
    assert.deepEqual(
      await call("--width 32"),
      [2, `ccmim pretrain: ${ratio} (mask-ratio is in FILE, line 3)\n`],
    );
    assert.deepEqual(await call("--mask-ratio 1.5"), [2, `ccmim pretrain: ${ratio}\n`]);
    const steps = "Cannot warm up for 9 steps (--warmup 9steps): the run has 5";
    const [, said] = await call("--mask-ratio 0.5 --warmup 9steps");
    assert.equal(said, `ccmim pretrain: ${steps}\n`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("--print-config prints a file that gives the same run, with sources", async () => {
  using runs = new Runs();
  const config = '{\n"seed": 4, "keep-every": "3epochs", "mask-ratio": 0.6\n}';
  const line = "--out run --method mae --width 32 --depth 2 --heads 2 --batch 4";
  const printed = await call(config, `${line} --print-config`, `${runs.folder}/data`);
  assert.equal(printed.code, 0, printed.err);
  assert.equal(printed.request, undefined);
  for (
    const row of [
      /^\/\/ Recipe cifar: 32 px/,
      /\n {2}"method": "mae", +\/\/ flag\n/,
      /\n {2}"seed": 4, +\/\/ FILE, line 2\n/,
      /\n {2}"keep-every": "3epochs", +\/\/ FILE, line 2\n/,
      /\n {2}"recipe": "cifar", +\/\/ dataset \d+ pixels\n/,
      /\n {2}"sampling": "random", +\/\/ method mae\n/,
      /\n {2}"decoder-width": 128, +\/\/ recipe cifar\n/,
      /\n {2}"precision": "float32", +\/\/ default\n/,
      /\n {2}\/\/ "clip-grad": none +recipe cifar\n/,
    ]
  ) {
    assert.match(printed.out, row);
  }
  const again = printed.out.replace(/\n {2}"(data)": .*/, "");
  const reprinted = await call(again, "--print-config", `${runs.folder}/data`);
  assert.equal(reprinted.code, 0, reprinted.err);
  const values = (text: string) =>
    Object.fromEntries(
      [...text.matchAll(/^ {2}"([a-z-]+)": (.*),  +\/\//gm)].map(([, k, v]) => [k, v]),
    );
  assert.ok(Object.keys(values(printed.out)).length > 25);
  assert.deepEqual(values(reprinted.out), values(printed.out));

  const { out } = await call(config, `${line} --print-config --json`, `${runs.folder}/data`);
  const json = JSON.parse(out).config;
  assert.deepEqual(json["mask-ratio"], { value: 0.6, from: "FILE, line 2" });
  assert.deepEqual(json["clip-grad"], { value: null, from: "recipe cifar" });
});
