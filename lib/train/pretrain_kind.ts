/** What pretraining does while it trains. */
import type { PretrainConfig } from "../recipes/mod.ts";
import { openHeldOut } from "./held_out.ts";
import type { TrainingKind } from "./kind.ts";
import { modelTensors } from "./model_file.ts";
import { PRECISION_OPTIONS } from "./precision.ts";
import { PRETRAINING } from "./pretraining.ts";
import type { PretrainFacts } from "./streams.ts";

/** Pretraining as a kind of training: held-out reconstruction, and the level to hold it against. */
export const PRETRAIN: TrainingKind<PretrainConfig, PretrainFacts> = {
  model: PRETRAINING,
  figures: ["loss", "rec", "align"],
  attend({ context, session, engine, task, loaders, warning }) {
    const { config, facts: { counts, isHeldOut }, storedSize } = task;
    const { batch } = config;
    const heldOut = openHeldOut({
      context,
      session,
      state: engine.state,
      config,
      sizes: { batch, storedSize, crop: true },
      lower: PRECISION_OPTIONS[config.precision].lower,
      loader: loaders.heldOut!,
      isHeldOut,
    });
    if (counts.val > 0 && !isHeldOut) {
      warning(
        `The val split has ${counts.val} images, less than a micro-batch of ${batch}: no held-out loss`,
      );
    }
    const { meanLevel } = heldOut;
    return {
      start: { trainCount: counts.train, valCount: counts.val, meanLevel },
      evaluate: () => ({ valRec: heldOut.evaluate() }),
      model: () => modelTensors(engine.state, config),
      [Symbol.dispose]: () => heldOut[Symbol.dispose](),
    };
  },
};
