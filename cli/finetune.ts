/** `ccmim finetune`: trains an encoder and a head on labelled images. */
import { longestMatch } from "@optique/core/constructs";
import { text } from "@optique/core/message";
import {
  type ClassifierReport,
  type evaluateClassifier,
  type finetune,
  FINETUNE_RECIPES,
  FINETUNE_RUNS,
  type FinetuneObserver,
  tryFinetune,
} from "../lib/finetune/mod.ts";
import { openScalarLogs, tellAll } from "../lib/logs/mod.ts";
import { replay } from "../lib/train/mod.ts";
import { checkpointRequest } from "./checkpoint_options.ts";
import { defineCommand, type Report, showLines, type Subcommand } from "./command.ts";
import { showDryRun } from "./dry_run.ts";
import { explainFinetuning } from "./finetune_explain.ts";
import { evaluateOptions, finetuneOptions } from "./finetune_options.ts";
import { showFinetune, watchFinetune } from "./finetune_progress.ts";
import { onlyGiven } from "./only_given.ts";
import { watchTrials } from "./pretrain_progress.ts";
import { showSeconds } from "./progress.ts";
import { replayFlags, showReplay } from "./replay.ts";

const recipes = Object.entries(FINETUNE_RECIPES).map(([name, { summary }]) =>
  `  ${name.padEnd(8)}${summary}`
);

/** The command; `train`, `evaluate` and `tryRun` do the work. */
export function finetuneCommand(
  train: typeof finetune,
  evaluate: typeof evaluateClassifier,
  tryRun: typeof tryFinetune = tryFinetune,
): Subcommand {
  return defineCommand({
    name: "finetune",
    summary: "Train an encoder and a head on labelled images",
    description: [
      text(
        "Fine-tunes a pretrained encoder on a labelled dataset, or trains one from scratch as a baseline. Each epoch is judged by " +
          "the val split, or where there is none by training images that are held out; the best model is kept in DIR/best and " +
          "judged once, at the end, by the test split. [...] is the default. It is interrupted and resumed like ccmim pretrain.",
      ),
      text("\n\n"),
      ...showLines(["Recipes:", ...recipes]),
    ],
    examples: [
      "ccmim finetune --checkpoint runs/cifar --data cifar10 --out runs/classifier",
      "ccmim finetune --checkpoint none --width 96 --depth 6 --heads 3 --data cifar10 --out runs/scratch",
      "ccmim finetune --checkpoint mae_vit_base.pth --data imagenet --out runs/vit-b --ema 0.9999",
      "ccmim finetune --checkpoint runs/cifar --data cifar10 --out runs/classifier --resume",
      "ccmim finetune --checkpoint runs/cifar --data cifar10 --out runs/mine --config mine.jsonc --print-config",
      "ccmim finetune --evaluate-only --checkpoint runs/classifier --data cifar10",
      "ccmim finetune --checkpoint runs/base --data imagenet --out runs/vit-b --batch auto --dry-run",
      "ccmim finetune --replay runs/classifier/divergence",
    ],
    parser: longestMatch(finetuneOptions, evaluateOptions, replayFlags),
    exclusive: [["epochs", "steps"], ["base-lr", "lr"]],
    explain: (given) => explainFinetuning(given),
    async run(given, context): Promise<Report> {
      if ("replay" in given) {
        const { replay: folder, device } = given;
        return showReplay(replay(FINETUNE_RUNS, { folder, device }, context.warn));
      }
      using watch = watchFinetune(context);
      if ("evaluateOnly" in given) {
        const { checkpoint, data, out, split, dataWorkers, evaluateOnly: _, ...options } = given;
        const request = { checkpoint, data, out, split, options, ...onlyGiven({ dataWorkers }) };
        const report = await evaluate(request, watch.observer, context.signal);
        watch[Symbol.dispose]();
        const where = out === undefined ? [] : [`Report: ${out}/evaluation.json`];
        return {
          text: [...showFigures(report), ...where, showTime(report)].join("\n"),
          json: { ...report },
        };
      }
      const { checkpoint, data, out, resume, log, dryRun, strictDevice, dataWorkers, ...rest } =
        given;
      const { checkpointEvery: _, keep: __, keepEvery: ___, onDivergence, ...options } = rest;
      const { checkpointEvery, ...checkpoints } = checkpointRequest(rest);
      const request = {
        checkpoint,
        data,
        out,
        resume,
        options: { ...options, checkpointEvery },
        ...onlyGiven({ strictDevice, dataWorkers, onDivergence }),
        ...checkpoints,
      };
      if (dryRun) {
        const told = { trial: watchTrials(context), warning: context.warn };
        const plan = await tryRun(request, told, context.signal);
        return showDryRun(plan, showFinetune(plan));
      }
      using logs = openScalarLogs(log, out);
      const observer = tellAll<FinetuneObserver>([watch.observer, logs.observer]);
      const report = await train(request, observer, context.signal);
      watch[Symbol.dispose]();
      const { best, bestCheckpoint, lastCheckpoint, config: { validation } } = report;
      const chosenBy = validation.split === "val" ? "val" : "held-out training images";
      return {
        text: [
          ...showFigures(report),
          `Best epoch: ${best.epoch} of ${
            Math.ceil(report.config.schedule.epochs)
          }, with ${chosenBy} top-1 ${percent(best.top1)}`,
          `Best model: ${bestCheckpoint}`,
          `Last checkpoint: ${lastCheckpoint}`,
          `Report: ${out}/finetune.json`,
          showTime(report),
        ].join("\n"),
        json: { ...report },
      };
    },
  });
}

const percent = (share: number) => `${(100 * share).toFixed(2)}%`;

function showTime({ seconds }: ClassifierReport): string {
  return `In ${showSeconds(seconds)}`;
}

/** The lines that say how accurate a classifier is, and what that is. */
function showFigures(report: ClassifierReport): string[] {
  const { what, top1, top1Interval: [low, high], top5, images, perClass } = report;
  const known = Object.entries(perClass)
    .filter((entry): entry is [string, number] => entry[1] !== null)
    .sort(([, a], [, b]) => a - b);
  const [worst, best] = [known[0]!, known.at(-1)!];
  return [
    `${what}: ${percent(top1)} (95% interval ${percent(low)} to ${
      percent(high)
    }, ${images} images)`,
    ...top5 === null ? [] : [`${what.replace("top-1", "top-5")}: ${percent(top5)}`],
    `Of single classes, least: ${worst[0]} ${percent(worst[1])}; most: ${best[0]} ${
      percent(best[1])
    }`,
  ];
}
