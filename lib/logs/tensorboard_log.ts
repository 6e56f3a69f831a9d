/** A pretraining run told to TensorBoard: scalars, its configuration, and reconstructions at every checkpoint. */
import { join } from "node:path";
import { type Picture, readPictures } from "../data/mod.ts";
import type { PretrainConfig } from "../recipes/mod.ts";
import { Environment } from "../runtime/mod.ts";
import { EventFile } from "../tensorboard/mod.ts";
import type { EpochMetrics, PretrainObserver, StepMetrics } from "../train/mod.ts";
import { checkpointTensors, gridImage, Inspector } from "../visual/mod.ts";
import { configurationTable } from "./configuration_table.ts";

/** Name of the folder in a run's folder. */
export const TENSORBOARD = "tensorboard";

/** Images that are looked at, the same at every checkpoint. */
const PICTURES = 6;

/** Where a number goes: the section before the slash is what TensorBoard groups by. */
const TAGS: Readonly<Partial<Record<keyof StepMetrics, string>>> = {
  loss: "train/loss",
  rec: "train/rec",
  align: "train/align",
  gradNorm: "optimiser/grad_norm",
  lossScale: "optimiser/loss_scale",
  lr: "optimiser/lr",
  epoch: "progress/epoch",
  imagesPerSecond: "speed/images_per_second",
  dataWait: "speed/data_wait",
  memory: "speed/memory",
};

/** What is logged, and where. */
export interface TensorboardOptions {
  /** The run's folder. */
  readonly out: string;
  /** Folder of the packed dataset. */
  readonly data: string;
  /** Told where a picture cannot be made; training goes on. */
  readonly warning: (text: string) => void;
}

/** Follows one run. Dispose it when the run has ended: the last picture may still be under way. */
export class TensorboardLog implements AsyncDisposable {
  readonly observer: PretrainObserver;
  readonly #options: TensorboardOptions;
  #file: EventFile | null = null;
  #config: PretrainConfig | null = null;
  #pictures: readonly Picture[] | null = null;
  #drawing: Promise<void> = Promise.resolve();

  constructor(options: TensorboardOptions) {
    this.#options = options;
    this.observer = {
      start: ({ config, step }) => {
        this.#config = config;
        this.#file = new EventFile(join(options.out, TENSORBOARD), { step });
        const text = configurationTable(config);
        this.#file.write(step, { kind: "text", tag: "configuration", text });
      },
      step: (metrics) => this.#tell(metrics),
      epoch: (metrics) => this.#tellEpoch(metrics),
      checkpoint: (path, step) => {
        this.#drawing = this.#drawing.then(() => this.#draw(path, step));
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#drawing;
    this.#file?.[Symbol.dispose]();
  }

  #tell(metrics: StepMetrics): void {
    const values: Record<string, number> = {};
    for (const [name, tag] of Object.entries(TAGS)) {
      const value = metrics[name as keyof StepMetrics];
      if (typeof value === "number") values[tag] = value;
    }
    this.#file?.write(metrics.step, { kind: "scalars", values });
  }

  #tellEpoch({ step, valRec, knnTop1 }: EpochMetrics): void {
    const values = {
      ...valRec === null ? {} : { "val/rec": valRec },
      ...knnTop1 === undefined ? {} : { "val/knn_top1": knnTop1 },
    };
    if (Object.keys(values).length > 0) this.#file?.write(step, { kind: "scalars", values });
  }

  /** Adds a picture of what the checkpoint makes of the run's own images. */
  async #draw(path: string, step: number): Promise<void> {
    const { data, out, warning } = this.#options;
    const config = this.#config!;
    try {
      const { imageSize, patch } = config.model;
      const { seed } = config;
      this.#pictures ??= await readPictures([data], { count: PICTURES, seed, size: imageSize });
      const { name, tensors } = checkpointTensors(out, path);
      using environment = Environment.open();
      const options = { batch: this.#pictures.length, threads: 1 };
      using inspector = new Inspector(environment, config, options);
      const views = inspector.look(tensors, this.#pictures, seed);
      const subtitle = `seed ${seed}, the same images and draws at every checkpoint`;
      const image = gridImage(views, { title: name, subtitle, patch, paste: true });
      this.#file?.write(step, { kind: "image", tag: "reconstructions", image });
    } catch (error) {
      warning(`No picture of step ${step} for TensorBoard: ${(error as Error).message}`);
    }
  }
}
