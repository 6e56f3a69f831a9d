/** What a probe shows on standard error. */
import type { ProbeObserver } from "../lib/probe/mod.ts";
import type { Context } from "./context.ts";
import { watchTrials } from "./pretrain_progress.ts";
import { type Progress, showFigure } from "./progress.ts";

/** Watches a probe until it is disposed. */
export function watchProbe(context: Context): Disposable & { readonly observer: ProbeObserver } {
  let shown: { readonly what: string; readonly progress: Progress } | null = null;
  const end = () => {
    shown?.progress[Symbol.dispose]();
    shown = null;
  };
  /** The bar of what is being done; another ends the one before. */
  const bar = (what: string, { total, unit }: { total: number; unit: string }): Progress => {
    if (shown?.what !== what) {
      end();
      shown = { what, progress: context.progress({ label: what, total, unit }) };
    }
    return shown!.progress;
  };
  let steps = 0;
  const observer: ProbeObserver = {
    weights: (match) => context.note(`Weights: ${match}`),
    trial: watchTrials(context),
    start({ protocol, encoder, config, device, trainCount, judgeCount, classes }) {
      const { width, depth, heads, imageSize, patch } = config.model;
      context.note(
        `${protocol}; ViT ${width}x${depth}x${heads}, ${imageSize} px in patches of ${patch}, ` +
          (encoder.file === null ? `random (seed ${encoder.seed})` : encoder.file),
      );
      context.note(
        `${classes} classes; learning from ${trainCount} images, judged by ${judgeCount} (${config.split})`,
      );
      context.note(`Device: ${device}; ${config.precision}`);
      if ("schedule" in config) steps = config.schedule.steps;
    },
    seed(seed) {
      end();
      context.note(`Seed ${seed}`);
    },
    progress(what, done, total) {
      const unit = /learning rate|Training/.test(what) ? "steps" : "images";
      bar(what, { total, unit }).update(done);
    },
    step({ step, loss, lr }) {
      bar("Training", { total: steps, unit: "steps" }).update(step, { loss, lr: showFigure(lr) });
    },
    warning: (text) => context.warn(text),
  };
  return { observer, [Symbol.dispose]: end };
}
