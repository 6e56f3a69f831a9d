/** A training run told to TensorBoard in numbers: its configuration, and what each step and epoch came to. */
import { join } from "node:path";
import { configurationTable } from "./configuration_table.ts";
import { type EventContent, EventFile } from "../tensorboard/mod.ts";

/** Name of the folder in a run's folder. */
export const TENSORBOARD = "tensorboard";

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

/** Follows one run, of whatever kind. Dispose it when the run has ended. */
export class ScalarLog implements Disposable {
  readonly observer: {
    start(event: { readonly config: object; readonly step: number }): void;
    step(metrics: { readonly step: number }): void;
    epoch(metrics: { readonly step: number }): void;
  };
  #file: EventFile | null = null;

  /** @param out the run's folder. */
  constructor(out: string) {
    this.observer = {
      start: ({ config, step }) => {
        this[Symbol.dispose](); // a run that goes back starts again
        this.#file = new EventFile(join(out, TENSORBOARD), { step });
        this.write(step, { kind: "text", tag: "configuration", text: configurationTable(config) });
      },
      step: (metrics) => this.#tell(metrics, "train"),
      epoch: (metrics) => this.#tell(metrics, "val"),
    };
  }

  /** Adds something else, once the run has started. */
  write(step: number, content: EventContent): void {
    this.#file?.write(step, content);
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
    this.#file = null;
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
    if (Object.keys(values).length > 0) this.write(step, { kind: "scalars", values });
  }
}
