/** Runs a folder of reference values of fine-tuning through the engine, and compares everything that it holds. */
import { CLASSIFIER, type FinetuneConfig } from "../../lib/finetune/mod.ts";
import { type Comparison, Group, MovedParameters, values } from "./comparison.ts";
import {
  batchSizesOf,
  type CheckOptions,
  encoderOf,
  type Expected,
  readFixture,
} from "./fixture.ts";
import { compareSteps, FixtureRun } from "./run.ts";

/** What expected.json holds of fine-tuning. */
interface ExpectedFinetune extends Expected {
  readonly classes: number;
  readonly label_smoothing: number;
  readonly layer_decay: number;
  readonly f64: Expected["f64"] & {
    readonly optimiser: {
      readonly betas: [number, number];
      readonly eps: number;
      readonly params: Readonly<
        Record<string, { readonly lr_scale: number; readonly weight_decay: number }>
      >;
    };
  };
}

/**
 * Compares a fine-tuning folder with what the engine computes: losses, gradients, groups of parameters, what AdamW makes of them.
 *
 * @throws {RangeError} if the folder holds another task.
 */
export function checkFinetuning(folder: string, options: CheckOptions = {}): Comparison[] {
  const fixture = readFixture<ExpectedFinetune>(folder, "finetune");
  const { expected, reference } = fixture;
  const { steps, f64: { optimiser: { lr, params } } } = expected;
  const config = configOf(expected);
  const parameters = CLASSIFIER.parameters(config);
  const groupOf = CLASSIFIER.groupOf!(config);

  using run = new FixtureRun(fixture, {
    parameters,
    buffers: [],
    gradient: CLASSIFIER.gradient(config, batchSizesOf(expected), {}),
    optimiser: config.optimiser,
    groupOf,
    capture: false,
  }, options);
  const batch = run.labelledBatch(fixture);
  const { losses, later, gradients } = compareSteps(run, fixture, { batchOf: () => batch });

  const moved = new MovedParameters({ steps, lr });
  const scales = new Group("learning-rate scales", 1e-6, "relative");
  const decaying = new Group("weight decay", 0, "off");
  const model = run.engine.state.model();
  for (const parameter of parameters) {
    const { name } = parameter;
    const { lr_scale: scale, weight_decay: decay } = params[name]!;
    const own = groupOf(parameter);
    scales.add(name, Math.abs(own.lrScale / scale - 1));
    decaying.add(name, Math.abs(own.weightDecay - decay));
    const wanted = reference.get(`after${steps}.${name}`);
    moved.add(name, values(model.get(name)), values(wanted), scale);
  }
  return [losses, later, gradients, moved.rms, moved.far, scales, decaying]
    .map((group) => group.comparison);
}

/** The run of a folder. */
function configOf(expected: ExpectedFinetune): FinetuneConfig {
  const { batch, classes, f64: { optimiser: { betas, eps, params } } } = expected;
  const weightDecay = Math.max(...Object.values(params).map(({ weight_decay }) => weight_decay));
  return {
    model: encoderOf(expected),
    pool: "mean",
    classes: Array.from({ length: classes }, (_, i) => String(i)),
    batch,
    augment: null,
    mix: null,
    dropPath: 0,
    labelSmoothing: expected.label_smoothing,
    layerDecay: expected.layer_decay,
    optimiser: { kind: "adamw", betas, eps, weightDecay, clipGrad: null },
  } as Partial<FinetuneConfig> as FinetuneConfig; // no more of it is read
}
