/** Runs a folder of reference values of fine-tuning through the engine, and compares everything that it holds. */
import { join } from "node:path";
import { readSafetensors } from "../lib/checkpoint/mod.ts";
import { CLASSIFIER, type FinetuneConfig } from "../lib/finetune/mod.ts";
import { CPU, Environment, openDeviceContext } from "../lib/runtime/mod.ts";
import { Engine } from "../lib/train/mod.ts";
import {
  type CheckOptions,
  type Comparison,
  differences,
  Group,
  labelledBatch,
  mean,
  relativeL2,
  values,
} from "./fixture.ts";

/** What expected.json holds of fine-tuning. */
interface ExpectedFinetune {
  readonly task: string;
  readonly batch: number;
  readonly steps: number;
  readonly classes: number;
  readonly label_smoothing: number;
  readonly layer_decay: number;
  readonly config: Readonly<Record<string, number>>;
  readonly f64: {
    readonly losses: readonly { readonly loss: number }[];
    readonly optimiser: {
      readonly lr: number;
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
export function checkFinetune(folder: string, options: CheckOptions = {}): Comparison[] {
  const expected: ExpectedFinetune = JSON.parse(
    Deno.readTextFileSync(join(folder, "expected.json")),
  );
  if (expected.task !== "finetune") {
    throw new RangeError(`Cannot check ${folder}: its task is "${expected.task}", not "finetune"`);
  }
  const reference = readSafetensors(join(folder, "expected_f64.safetensors")).tensors;
  const { tensors: weights } = readSafetensors(join(folder, "weights.safetensors"));
  const { device = CPU, threads = 2 } = options;
  const config = configOf(expected);
  const { batch, model, optimiser } = config;
  const groupOf = CLASSIFIER.groupOf!(config);
  const sizes = { batch, storedSize: model.imageSize, crop: false };

  using stack = new DisposableStack();
  const environment = stack.use(Environment.open());
  const context = stack.use(openDeviceContext(device, environment));
  const engine = stack.use(
    new Engine(context, {
      parameters: CLASSIFIER.parameters(config),
      buffers: [],
      gradient: CLASSIFIER.gradient(config, sizes, {}),
      accumulate: 1,
      optimiser,
      groupOf,
      session: { threads },
      capture: false,
    }),
  );
  engine.state.loadModel(weights);
  const tensors = labelledBatch(stack, context, folder);

  const { losses: wanted, optimiser: { lr, params } } = expected.f64;
  const losses = new Group("losses, step 0", 1e-5, "relative");
  const later = new Group("losses, later steps", 2e-5, "relative");
  const gradients = new Group("gradients", 1e-4, "relative L2");
  for (let step = 0; step < expected.steps; step++) {
    const { loss } = engine.microBatch(tensors).read();
    const group = step === 0 ? losses : later;
    group.add(`step ${step}`, Math.abs(loss / wanted[step]!.loss - 1));
    if (step === 0) {
      for (const [name, gradient] of engine.state.gradientsByName()) {
        gradients.add(name, relativeL2(values(gradient), values(reference.get(`grad.${name}`))));
      }
    }
    engine.step(lr).read();
  }

  const rms = new Group(`after ${expected.steps} steps, RMS`, 0.002, `of ${expected.steps} lr`);
  const far = new Group(
    `after ${expected.steps} steps, far elements`,
    0.001,
    `beyond 2% of ${expected.steps} lr`,
  );
  const scales = new Group("learning-rate scales", 1e-6, "relative");
  const decaying = new Group("weight decay", 0, "off");
  for (const parameter of CLASSIFIER.parameters(config)) {
    const { name } = parameter;
    const { lr_scale: scale, weight_decay: decay } = params[name]!;
    const own = groupOf(parameter);
    scales.add(name, Math.abs(own.lrScale / scale - 1));
    decaying.add(name, Math.abs(own.weightDecay - decay));
    const distance = expected.steps * lr * scale;
    const after = values(engine.state.model().get(name));
    const want = values(reference.get(`after${expected.steps}.${name}`));
    const difference = differences(after, want, name);
    rms.add(name, Math.sqrt(mean(difference.map((d) => d * d))) / distance);
    far.add(name, mean(difference.map((d) => Math.abs(d) > 0.02 * distance ? 1 : 0)));
  }
  return [losses, later, gradients, rms, far, scales, decaying].map((group) => group.comparison);
}

/** The run of a folder. */
function configOf(expected: ExpectedFinetune): FinetuneConfig {
  const { batch, classes, config: c, f64: { optimiser: { betas, eps, params } } } = expected;
  const weightDecay = Math.max(...Object.values(params).map(({ weight_decay }) => weight_decay));
  return {
    model: {
      imageSize: c.img!,
      patch: c.patch!,
      width: c.dim!,
      depth: c.depth!,
      heads: c.heads!,
      mlpRatio: c.mlp_ratio!,
    },
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
