/** A pretraining run told to TensorBoard: scalars, its configuration, and reconstructions at every checkpoint. */
import { join } from "node:path";
import { type Picture, readPictures } from "../data/mod.ts";
import type { PretrainConfig } from "../recipes/mod.ts";
import { Environment } from "../runtime/mod.ts";
import { EventFile } from "../tensorboard/mod.ts";
import type { PretrainObserver } from "../train/mod.ts";
import { checkpointTensors, gridImage, Inspector } from "../visual/mod.ts";
import { configurationTable } from "./configuration_table.ts";

/** Name of the folder in a run's folder. */
export const TENSORBOARD = "tensorboard";

/** Images that are looked at, the same at every checkpoint. */
const PICTURES = 6;

/** Where a step's number goes: the section before the slash is what TensorBoard groups by. Others are the training's own. */
const SECTIONS: Readonly<Record<string, string>> = {
  gradNorm: "optimiser",
  lossScale: "optimiser",
  lr: "optimiser",
  epoch: "progress",
  imagesPerSecond: "speed",
  dataWait: "speed",
  memory: "speed",
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
      step: (metrics) => this.#tell(metrics, "train"),
      epoch: (metrics) => this.#tell(metrics, "val"),
      checkpoint: (path, step) => {
        this.#drawing = this.#drawing.then(() => this.#draw(path, step));
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#drawing;
    this.#file?.[Symbol.dispose]();
  }

  /** Writes every number of a line. @param section of those that have none of their own. */
  #tell({ step, ...figures }: { readonly step: number }, section: "train" | "val"): void {
    const values: Record<string, number> = {};
    for (const [name, value] of Object.entries(figures as Record<string, unknown>)) {
      if (typeof value !== "number" || (section === "val" && name === "epoch")) continue;
      const own = name.replace(/^val(?=[A-Z])/, ""); // the section says it
      const snake = own.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      values[`${SECTIONS[name] ?? section}/${snake.replace(/^_/, "")}`] = value;
    }
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
