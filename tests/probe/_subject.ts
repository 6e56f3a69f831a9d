/** A drawn dataset and a tiny encoder's checkpoint, to probe and to fine-tune. */
import { saveCheckpoint } from "../../lib/checkpoint/mod.ts";
import { randomEncoder } from "../../lib/features/mod.ts";
import type { FinetuneOptions, FinetuneRequest } from "../../lib/finetune/mod.ts";
import type { ProbeOptions, ProbeRequest } from "../../lib/probe/mod.ts";
import { drawDataset } from "../_drawn.ts";

export const MODEL = { imageSize: 8, patch: 4, width: 16, depth: 2, heads: 2, mlpRatio: 2 };

/** Pixels of a side of the stored images, one more than the model sees. */
const STORED = 9;

export const CLASSES = ["blue", "dark", "red"];

/** Images of each class. */
export const COUNTS = { train: 12, test: 5 } as const;

/** A folder with a dataset `data`, one without test and labels of a class, and a checkpoint `run`. */
export class ProbeFolder implements Disposable {
  readonly path = Deno.makeTempDirSync();

  async draw(): Promise<void> {
    const each = (count: number) => Object.fromEntries(CLASSES.map((name) => [name, count]));
    const splits = { train: each(COUNTS.train), test: each(COUNTS.test) };
    await drawDataset(`${this.path}/data`, { size: STORED, splits });
    saveCheckpoint(`${this.path}/run`, 1, {
      model: randomEncoder(MODEL, 5).tensors,
      state: new Map(),
      position: { microBatch: 1 },
    });
    Deno.writeTextFileSync(
      `${this.path}/run/config.json`,
      JSON.stringify({ command: "pretrain", config: { model: MODEL } }),
    );
  }

  /** A request to probe the checkpoint `run` into the folder `name`. */
  request(
    name: string,
    options: ProbeOptions = {},
    rest: Partial<ProbeRequest> = {},
  ): ProbeRequest {
    return {
      checkpoint: `${this.path}/run`,
      data: `${this.path}/data`,
      out: `${this.path}/${name}`,
      options: { device: "cpu", threads: 1, ...options },
      ...rest,
    };
  }

  /** A request to fine-tune it into the folder `name`. */
  finetuneRequest(
    name: string,
    options: FinetuneOptions,
    rest: Partial<FinetuneRequest> = {},
  ): FinetuneRequest {
    return {
      checkpoint: `${this.path}/run`,
      data: `${this.path}/data`,
      out: `${this.path}/${name}`,
      resume: false,
      dataWorkers: 1,
      options: { device: "cpu", threads: 1, ...options },
      ...rest,
    };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
