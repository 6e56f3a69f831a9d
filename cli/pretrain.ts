/** `ccmim pretrain`: trains an encoder on a packed dataset. */
import { text } from "@optique/core/message";
import { openLogs, tellAll } from "../lib/logs/mod.ts";
import { RECIPES } from "../lib/recipes/mod.ts";
import type { Pretrain } from "../lib/train/events.ts";
import { PRETRAIN_RUNS, replay, type TryPretrain, tryPretrain } from "../lib/train/mod.ts";
import { longestMatch } from "@optique/core/constructs";
import { onlyGiven } from "./only_given.ts";
import { replayFlags, showReplay } from "./replay.ts";
import { checkpointRequest } from "./checkpoint_options.ts";
import { showDryRun } from "./dry_run.ts";
import { defineCommand, type Report, showLines, type Subcommand } from "./command.ts";
import { explainRun } from "./pretrain_explain.ts";
import { pretrainOptions } from "./pretrain_options.ts";
import { showRun, watchPretrain, watchTrials } from "./pretrain_progress.ts";
import { showFigure, showSeconds } from "./progress.ts";

const recipes = Object.entries(RECIPES).map(([name, { summary }]) =>
  `  ${name.padEnd(16)}${summary}`
);

/** The command; `pretrain` does the work. */
export function pretrainCommand(
  pretrain: Pretrain,
  tryRun: TryPretrain = tryPretrain,
): Subcommand {
  return defineCommand({
    name: "pretrain",
    summary: "Pretrain a Vision Transformer on a packed dataset",
    description: [
      text(
        "Pretrains a Vision Transformer with ccMIM or MAE. An option wins over the method, the " +
          "method over the recipe; [...] is the default. A DURATION is a number of what the run " +
          "is counted in (epochs, or steps with --steps), or as in 40epochs and 500steps. " +
          "Ctrl-C finishes the micro-batch, writes a checkpoint and exits with 75.",
      ),
      text("\n\n"),
      ...showLines(["Recipes:", ...recipes]),
    ],
    examples: [
      "ccmim pretrain --data cifar10 --out runs/cifar --epochs 30",
      "ccmim pretrain --data cifar10 --out runs/mae --method mae --steps 300 --warmup 20",
      "ccmim pretrain --data cifar10 --out runs/cifar --resume",
      "ccmim pretrain --replay runs/cifar/divergence",
      "ccmim pretrain --data photographs --out runs/base --recipe imagenet-vit-b --dry-run",
      "ccmim pretrain --data cifar10 --out runs/mine --config mine.jsonc --epochs 50 --print-config",
    ],
    parser: longestMatch(pretrainOptions, replayFlags),
    exclusive: [["epochs", "steps"], ["base-lr", "lr"]],
    explain: (given) => explainRun(given),
    async run(given, context): Promise<Report> {
      if ("replay" in given) {
        const { replay: folder, device } = given;
        return showReplay(replay(PRETRAIN_RUNS, { folder, device }, context.warn));
      }
      const { data, out, resume, strictDevice, dataWorkers, log, knnEvery, dryRun, ...values } =
        given;
      const { checkpointEvery: _, keep: __, keepEvery: ___, onDivergence, ...others } = values;
      const { checkpoints, ...scheduled } = checkpointRequest(values);
      const request = {
        data,
        out,
        options: { ...others, ...scheduled },
        resume,
        ...onlyGiven({ checkpoints, onDivergence, strictDevice, dataWorkers, knnEvery }),
      };
      if (dryRun) {
        const told = { trial: watchTrials(context), warning: context.warn };
        const plan = await tryRun(request, told, context.signal);
        return showDryRun(plan, showRun(plan));
      }
      using watch = watchPretrain(context);
      await using logs = openLogs(log, { data, out, warning: context.warn });
      const result = await pretrain(
        request,
        tellAll([watch.observer, logs.observer]),
        context.signal,
      );
      return { text: showResult(result), json: { ...result } };
    },
  });
}

/** The lines that a finished run ends with. */
function showResult(result: Awaited<ReturnType<Pretrain>>): string {
  const { rec, align, meanLevel, valRec, steps, stepsNow, seconds, imagesPerSecond } = result;
  const now = stepsNow === steps ? "" : `, ${stepsNow} of them now`;
  return [
    stepsNow === 0
      ? `Nothing to do: all ${steps} steps are done`
      : `Pretrained ${steps} steps${now}, in ${showSeconds(seconds)} (${
        showFigure(imagesPerSecond)
      } images/s)`,
    `Reconstruction loss ${showFigure(rec)}` +
    (valRec === null ? "" : `, held out ${showFigure(valRec)}`) +
    ` (predicting the mean: ${showFigure(meanLevel)})` +
    (align === null ? "" : `, alignment loss ${showFigure(align)}`),
    `Checkpoint: ${result.checkpoint}`,
    `Metrics: ${result.out}/metrics.jsonl`,
  ].join("\n");
}
