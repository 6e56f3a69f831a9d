import assert from "node:assert/strict";
import { pretrainCommand } from "../../cli/pretrain.ts";
import { main } from "../../cli/run.ts";
import { COMMANDS } from "../../cli/commands.ts";
import { parse } from "../../cli/parse.ts";
import { commandText, finetuneWords, pretrainWords, quote } from "../../lib/report/command_line.ts";
import { type PretrainOptions, resolvePretrain } from "../../lib/recipes/mod.ts";
import type { PretrainRequest } from "../../lib/train/mod.ts";
import { FakeTerminal } from "../cli/fake_terminal.ts";
import { OPTIONS } from "../train/_runs.ts";

const FACTS = { imageSize: 32, trainCount: 5000 };

/** The options that the command line understands. */
async function understood(words: readonly string[]): Promise<PretrainRequest> {
  const requests: PretrainRequest[] = [];
  const terminal = new FakeTerminal();
  const command = pretrainCommand((request) => {
    requests.push(request);
    return Promise.reject(new Error("enough"));
  });
  await main(words, { commands: [command], terminal });
  assert.equal(requests.length, 1, terminal.stderr);
  return requests[0]!;
}

Deno.test("pretrainWords() are a command that resolves to the same configuration", async () => {
  const given: PretrainOptions[] = [
    OPTIONS,
    { recipe: "cifar", epochs: 3, seed: 4 },
    { method: "mae", model: "small", patch: 4, steps: 50, warmup: { count: 5 }, baseLr: 3e-4 },
    { sampling: "gumbel", scoreTemperature: 0.5, normPixLoss: false, clipGrad: 1, accumulate: 3 },
    { recipe: "demo", alignGradient: "both", recompute: "blocks", maskRatio: 0.6 },
  ];
  for (const options of given) {
    const config = resolvePretrain({ ...options, device: "cpu" }, FACTS);
    const words = pretrainWords(config, { data: "/tmp", out: "runs/again" });
    const request = await understood(words);
    assert.equal(request.data, "/tmp");
    const again = resolvePretrain(request.options, FACTS);
    const { baseLr: _, ...schedule } = again.schedule; // the peak is said instead
    const { baseLr: __, ...expected } = config.schedule;
    assert.deepEqual({ ...again, schedule }, { ...config, schedule: expected });
  }
});

Deno.test("quote() and commandText() are read back by a shell", async () => {
  const words = ["pretrain", "--data", "a b's $HOME", "--out", "runs/x", "--resume"];
  const text = commandText("printf '%s|'", words);
  assert.equal(text.split("\n").length, 4);
  const { stdout } = await new Deno.Command("sh", { args: ["-c", text] }).output();
  assert.equal(new TextDecoder().decode(stdout), words.map((word) => `${word}|`).join(""));
  assert.equal(quote("plain-1.5/x"), "plain-1.5/x");
});

Deno.test("finetuneWords() say what a fine-tuning was asked for, in options that its command takes", () => {
  const config = {
    initial: { checkpoint: "runs/a" },
    given: { epochs: 3, warmup: { count: 2, unit: "steps" }, randAugment: "none", partial: true },
    seed: 5,
    threads: 2,
  };
  const words = finetuneWords(config, { data: "set", out: "again" })!;
  assert.equal(
    words.join(" "),
    "finetune --checkpoint runs/a --data set --out again --epochs 3 --warmup 2steps " +
      "--rand-augment none --partial --seed 5 --threads 2",
  );
  const terminal = new FakeTerminal();
  assert.equal(parse(words, { commands: COMMANDS, terminal }).kind, "invocation");
  assert.equal(finetuneWords({ seed: 5 }, { data: "set", out: "again" }), null);
});
