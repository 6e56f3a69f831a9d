/** What fine-tuning shows on standard error. */
import type { FinetuneObserver, FinetuneStart } from "../lib/finetune/mod.ts";
import { showBytes } from "../lib/runtime/show_bytes.ts";
import type { Context } from "./context.ts";
import { watchTrials } from "./pretrain_progress.ts";
import { type Progress, showFigure } from "./progress.ts";

const percent = (share: number) => `${(100 * share).toFixed(2)}%`;

/** Watches a run, or an evaluation, until it is disposed. */
export function watchFinetune(
  context: Context,
): Disposable & { readonly observer: FinetuneObserver } {
  let progress: Progress | undefined;
  let judging: Progress | undefined;
  let what = "";
  const observer: FinetuneObserver = {
    weights: (match) => context.note(`Weights: ${match}`),
    trial: watchTrials(context),
    start(start) {
      for (const line of showFinetune(start)) context.note(line);
      const { config: { schedule }, step } = start;
      what = chosenBy(start);
      if (step > 0) context.note(`Resumed after ${step} steps`);
      progress = context.progress({
        label: "Fine-tuning",
        total: schedule.steps,
        unit: "steps",
        start: step,
        trend: "loss",
      });
    },
    step({ step, loss, imagesPerSecond, dataWait, memory }) {
      progress?.update(step, {
        loss,
        "images/s": imagesPerSecond,
        "data wait": `${(100 * dataWait).toFixed(1)}%`,
        memory: showBytes(memory),
      });
    },
    epoch({ epoch, valTop1, valLoss }) {
      context.note(
        `Epoch ${epoch + 1}: ${what} top-1 ${percent(valTop1)}, loss ${showFigure(valLoss)}`,
      );
    },
    progress(label, done, total) {
      judging ??= context.progress({ label, total, unit: "images" });
      judging.update(done);
    },
    warning: (text) => context.warn(text),
  };
  const end = () => {
    progress?.[Symbol.dispose]();
    judging?.[Symbol.dispose]();
    progress = judging = undefined;
  };
  return { observer, [Symbol.dispose]: end };
}

/** What a run is: model, data, device, memory. */
export function showFinetune(start: FinetuneStart): string[] {
  const { config, device, memory, parameters, trainCount, validationCount, testCount } = start;
  const { model, schedule, initial, pool, classes } = config;
  const { width, depth, heads, imageSize, patch } = model;
  return [
    `ViT ${width}x${depth}x${heads}, ${imageSize} px in patches of ${patch}, ${
      showFigure(parameters / 1e6)
    } M parameters; from ${initial.sha256 === null ? "scratch" : initial.checkpoint}; ` +
    `${pool === "mean" ? "mean pool" : "CLS"}, ${classes.length} classes; recipe ${config.recipe}`,
    `${trainCount} training images, ${validationCount} (${chosenBy(start)}) that choose the best ` +
    `epoch, ${testCount} of the test split; ${schedule.steps} steps ` +
    `(${showFigure(schedule.epochs)} epochs) of ${config.batch} x ${config.accumulate} images, ` +
    `lr ${showFigure(schedule.lr)}`,
    `Device: ${device}; ${config.precision}; memory about ${showBytes(memory.total)} of ${
      showBytes(memory.available)
    }`,
  ];
}

/** What says which epoch is best. */
function chosenBy({ config: { validation } }: Pick<FinetuneStart, "config">): string {
  return validation.split === "val" ? "val" : "held-out training images";
}
