/** What a pretraining run shows on standard error. */
import type { PretrainObserver, PretrainStart } from "../lib/train/events.ts";
import { showBytes } from "../lib/runtime/show_bytes.ts";
import type { Context } from "./context.ts";
import { type Progress, showFigure } from "./progress.ts";

/** Watches a run until it is disposed. */
export function watchPretrain(
  context: Context,
): Disposable & { readonly observer: PretrainObserver } {
  let progress: Progress | undefined;
  const observer: PretrainObserver = {
    trial: watchTrials(context),
    start(start) {
      for (const line of showRun(start)) context.note(line);
      const { config: { schedule }, step } = start;
      if (step > 0) context.note(`Resumed after ${step} steps`);
      progress = context.progress({
        label: "Pretraining",
        total: schedule.steps,
        unit: "steps",
        start: step,
        trend: "rec",
      });
    },
    step({ step, rec, align, imagesPerSecond, dataWait, memory }) {
      progress?.update(step, {
        rec,
        ...(align === null ? {} : { align }),
        "images/s": imagesPerSecond,
        "data wait": `${(100 * dataWait).toFixed(1)}%`,
        memory: showBytes(memory),
      });
    },
    epoch({ epoch, valRec, knnTop1 }) {
      const said = [
        ...valRec === null ? [] : [`held-out reconstruction loss ${showFigure(valRec)}`],
        ...knnTop1 === undefined ? [] : [`kNN on the subset ${(100 * knnTop1).toFixed(1)}%`],
      ];
      if (said.length > 0) context.note(`Epoch ${epoch + 1}: ${said.join(", ")}`);
    },
    warning: (text) => context.warn(text),
  };
  return { observer, [Symbol.dispose]: () => progress?.[Symbol.dispose]() };
}

/** Tells of the micro-batches that are tried. */
export function watchTrials(context: Context): NonNullable<PretrainObserver["trial"]> {
  return ({ batch, bytes, imagesPerSecond }) =>
    context.note(
      `Batch ${batch}: ` +
        (imagesPerSecond === null
          ? "does not fit"
          : `${showFigure(imagesPerSecond)} images/s, about ${showBytes(bytes)}`),
    );
}

/** What a run is: model, data, device, memory. */
export function showRun(start: PretrainStart): string[] {
  const { config, device, memory, nodes, parameters, trainCount, valCount, meanLevel } = start;
  const { model, schedule, masking, align } = config;
  const { state, activations, inputs, total, available } = memory;
  return [
    `ViT ${model.width}x${model.depth}x${model.heads}, ${model.imageSize} px in patches of ` +
    `${model.patch}, ${showFigure(parameters / 1e6)} M parameters in all; ` +
    `${config.method}: ${masking.sampling} sampling, ` +
    (align.weight > 0 ? `alignment x ${align.weight}` : "no alignment"),
    `${trainCount} training images, ${valCount} held out; ${schedule.steps} steps ` +
    `(${showFigure(schedule.epochs)} epochs) of ${config.batch} x ${config.accumulate} images, ` +
    `lr ${schedule.lr}; predicting the mean has loss ${showFigure(meanLevel)}`,
    `Device: ${device}; ${config.precision}; ${showNodes(nodes)}`,
    `Memory: about ${showBytes(total)} of ${showBytes(available)} (state ${showBytes(state)}, ` +
    `activations ${showBytes(activations)}, inputs ${showBytes(inputs)})` +
    (config.recompute === "blocks" ? "; blocks are computed again" : ""),
  ];
}

/** "2,310 nodes on CPUExecutionProvider, 12 on ...". */
function showNodes(nodes: Readonly<Record<string, number>>): string {
  const rows = Object.entries(nodes).sort(([, a], [, b]) => b - a);
  return rows.map(([provider, count], i) => `${count}${i === 0 ? " nodes" : ""} on ${provider}`)
    .join(", ");
}
