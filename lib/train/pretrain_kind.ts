/** What pretraining does while it trains. */
import type { PretrainConfig } from "../recipes/mod.ts";
import { openHeldOut } from "./held_out.ts";
import { KnnMonitor } from "./knn_monitor.ts";
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
    const { config, facts: { counts, isHeldOut, knn }, storedSize } = task;
    const { batch, schedule } = config;
    using opening = new DisposableStack();
    const model = {
      context,
      session,
      state: engine.state,
      config,
      sizes: { batch, storedSize, crop: true },
      lower: PRECISION_OPTIONS[config.precision].lower,
    };
    const heldOut = opening.use(openHeldOut({ ...model, loader: loaders.heldOut!, isHeldOut }));
    const monitor = knn === null ? null : opening.use(
      new KnnMonitor({
        ...model,
        facts: knn,
        loaders: { bank: loaders.knnBank!, queries: loaders.knnQueries! },
      }),
    );
    if (counts.val > 0 && !isHeldOut) {
      warning(
        `The val split has ${counts.val} images, less than a micro-batch of ${batch}: no held-out loss`,
      );
    }
    const { meanLevel } = heldOut;
    const epochs = Math.ceil(schedule.steps / schedule.stepsPerEpoch);
    let epoch = Math.floor((task.from?.step ?? 0) / schedule.stepsPerEpoch);
    const knnFigure = () => {
      if (monitor === null || ++epoch % knn!.every !== 0 && epoch !== epochs) return {};
      return { knnTop1: monitor.measure() };
    };
    const stack = opening.move();
    return {
      start: { trainCount: counts.train, valCount: counts.val, meanLevel },
      evaluate: () => ({ valRec: heldOut.evaluate(), ...knnFigure() }),
      model: () => modelTensors(engine.state, config),
      [Symbol.dispose]: () => stack.dispose(),
    };
  },
};
