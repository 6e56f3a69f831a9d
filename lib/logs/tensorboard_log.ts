/** A pretraining run told to TensorBoard: scalars, its configuration, and reconstructions at every checkpoint. */
import { type Picture, readPictures } from "../data/mod.ts";
import type { PretrainConfig } from "../recipes/mod.ts";
import { Environment } from "../runtime/mod.ts";
import type { PretrainObserver } from "../train/mod.ts";
import { checkpointTensors, gridImage, Inspector } from "../visual/mod.ts";
import { ScalarLog } from "./scalar_log.ts";

/** Images that are looked at, the same at every checkpoint. */
const PICTURES = 6;

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
  readonly #scalars: ScalarLog;
  #config: PretrainConfig | null = null;
  #pictures: readonly Picture[] | null = null;
  #drawing: Promise<void> = Promise.resolve();

  constructor(options: TensorboardOptions) {
    this.#options = options;
    this.#scalars = new ScalarLog(options.out);
    const { start, step, epoch } = this.#scalars.observer;
    this.observer = {
      start: (event) => {
        this.#config = event.config;
        start(event);
      },
      step,
      epoch,
      checkpoint: (path, step) => {
        this.#drawing = this.#drawing.then(() => this.#draw(path, step));
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#drawing;
    this.#scalars[Symbol.dispose]();
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
      this.#scalars.write(step, { kind: "image", tag: "reconstructions", image });
    } catch (error) {
      warning(`No picture of step ${step} for TensorBoard: ${(error as Error).message}`);
    }
  }
}
