/** `ccmim probe`: what an encoder's features are worth. */
import { text } from "@optique/core/message";
import { longestMatch } from "@optique/core/constructs";
import {
  type probe,
  PROBE_RUNS,
  type ProbeReport,
  type ProbeRunStart,
  tryProbe,
} from "../lib/probe/mod.ts";
import { ConfigError } from "../lib/recipes/mod.ts";
import { showBytes } from "../lib/runtime/show_bytes.ts";
import { replay } from "../lib/train/mod.ts";
import { checkpointRequest } from "./checkpoint_options.ts";
import { defineCommand, type Report, type Subcommand } from "./command.ts";
import { showDryRun } from "./dry_run.ts";
import { onlyGiven } from "./only_given.ts";
import { watchTrials } from "./pretrain_progress.ts";
import { explainProbing } from "./probe_explain.ts";
import { probeOptions } from "./probe_options.ts";
import { watchProbe } from "./probe_progress.ts";
import { showFigure, showSeconds } from "./progress.ts";
import { replayFlags, showReplay } from "./replay.ts";

/** The command; `run` and `tryRun` do the work. */
export function probeCommand(
  run: typeof probe,
  tryRun: typeof tryProbe = tryProbe,
): Subcommand {
  return defineCommand({
    name: "probe",
    summary: "Say what an encoder's features are worth",
    description: [
      text(
        "Probes an encoder on a labelled dataset: by a linear layer on its features (the default), by their nearest " +
          "neighbours, or by training its last blocks as well. It learns from the train split and is judged once, at the end, " +
          "by the test split, or by val where there is no test split. [...] is the default. A training is interrupted and " +
          "resumed like ccmim pretrain; so it is with ccmim probe --resume. --dry-run is for what " +
          "trains on images: not for --kind knn, and not with --cache.",
      ),
    ],
    examples: [
      "ccmim probe --checkpoint runs/cifar --data cifar10 --out probes/linear",
      "ccmim probe --checkpoint runs/cifar --data cifar10 --out probes/knn --kind knn",
      "ccmim probe --checkpoint runs/cifar --data cifar10 --out probes/cached --cache --seeds 0,1,2",
      "ccmim probe --checkpoint random --width 96 --depth 6 --heads 3 --data cifar10 --out probes/random --cache",
      "ccmim probe --checkpoint mae_vit_base.pth --data imagenet --out probes/few --cache --labels-per-class 10",
    ],
    parser: longestMatch(probeOptions, replayFlags),
    exclusive: [["epochs", "steps"], ["base-lr", "lr"], ["seed", "seeds"]],
    explain: (given) => explainProbing(given),
    async run(given, context): Promise<Report> {
      if ("replay" in given) {
        const { replay: folder, device } = given;
        return showReplay(replay(PROBE_RUNS, { folder, device }, context.warn));
      }
      const { checkpoint, data, out, dryRun, force, resume, ...others } = given;
      const { strictDevice, dataWorkers, onDivergence, ...rest } = others;
      const { checkpointEvery: _, keep: __, keepEvery: ___, seed, seeds, ...options } = rest;
      const { checkpointEvery, ...checkpoints } = checkpointRequest(rest);
      if (seed !== undefined && seeds !== undefined) {
        throw new ConfigError("Cannot take both --seed and --seeds: give one of them");
      }
      using watch = watchProbe(context);
      const request = {
        checkpoint,
        data,
        out,
        force,
        resume,
        options: {
          ...options,
          checkpointEvery,
          seeds: seeds ?? (seed === undefined ? seed : [seed]),
        },
        ...onlyGiven({ strictDevice, dataWorkers, onDivergence }),
        ...checkpoints,
      };
      if (dryRun) {
        const told = { trial: watchTrials(context), warning: context.warn };
        const plan = await tryRun(request, told, context.signal);
        const count = request.options.seeds?.length ?? 1;
        return showDryRun(plan, [
          ...showProbe(plan),
          ...count > 1 ? [`Of the first of ${count} seeds:`] : [],
        ]);
      }
      const report = await run(request, watch.observer, context.signal);
      watch[Symbol.dispose]();
      return { text: showReport(report, out), json: { ...report } };
    },
  });
}

const percent = (share: number) => `${(100 * share).toFixed(2)}%`;

/** "71.20%", with what it varies by over seeds. */
function showShare(mean: number, deviation: number | null): string {
  return deviation === null ? percent(mean) : `${percent(mean)} +- ${percent(deviation)}`;
}

/** The lines that a probe ends with. */
function showReport(report: ProbeReport, out: string): string {
  const { what, protocol, config, images, seeds, perClass, seconds } = report;
  const { top1, top1Deviation, top1Interval: [low, high], top5, top5Deviation } = report;
  const over = seeds.length > 1 ? `, mean and deviation of ${seeds.length} seeds` : "";
  const lines = [
    `${what}: ${showShare(top1, top1Deviation)} (95% interval ${percent(low)} to ${
      percent(high)
    }, ${images} images${over})`,
  ];
  if (top5 !== null) {
    lines.push(`${protocol}, ${config.split} top-5: ${showShare(top5, top5Deviation)}`);
  }
  const known = Object.entries(perClass).filter((entry): entry is [string, number] =>
    entry[1] !== null
  ).sort(([, a], [, b]) => a - b);
  const [worst, best] = [known[0]!, known.at(-1)!];
  lines.push(
    `Of single classes, least: ${worst[0]} ${percent(worst[1])}; most: ${best[0]} ${
      percent(best[1])
    }`,
  );
  for (const { seed, chosen } of seeds) {
    if (chosen === null) continue;
    const { top1 } = chosen.heldOut.find(({ lr }) => lr === chosen.lr)!;
    lines.push(
      `Seed ${seed}: learning rate ${
        showFigure(chosen.lr)
      }, the best of ${chosen.heldOut.length}: ${protocol}, ` +
        `top-1 of held-out training images ${percent(top1)}`,
    );
  }
  lines.push(`Report: ${out}/probe.json, in ${showSeconds(seconds)}`);
  return lines.join("\n");
}

/** What a probe that trains is: model, data, device, memory. */
function showProbe({ config, device, memory, ...start }: ProbeRunStart): string[] {
  const { model: { width, depth, heads, imageSize, patch }, schedule, batch, accumulate } = config;
  return [
    `ViT ${width}x${depth}x${heads}, ${imageSize} px in patches of ${patch}; ` +
    `${start.parameters.toLocaleString("en-US")} parameters are trained`,
    `${config.classes} classes; learning from ${start.trainCount} images, judged by ` +
    `${start.judgeCount} (${config.split}); ${schedule.steps} steps of ${batch} x ${accumulate} images`,
    `Device: ${device}; ${config.precision}; memory about ${showBytes(memory.total)} of ${
      showBytes(memory.available)
    }`,
  ];
}
