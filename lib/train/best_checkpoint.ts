/** The model of the best evaluation so far: `<run>/best/checkpoints/step-.../`, one at a time. */
import { join } from "node:path";
import { latestCheckpoint, loadCheckpoint, saveCheckpoint } from "../checkpoint/mod.ts";
import type { Attending } from "./kind.ts";
import type { EpochOf, Figures } from "./metrics.ts";
import type { History } from "./metrics_file.ts";
import type { TensorMap } from "./state.ts";

/** Name of the folder in a run's folder. */
export const BEST = "best";

/** Keeps the best of a run. */
export class BestCheckpoint {
  readonly #folder: string;
  readonly #kind: NonNullable<Attending["best"]>;
  #best: { readonly step: number; readonly figure: number } | null = null;

  /** @param history what a run that goes on came to before. */
  constructor(run: string, kind: NonNullable<Attending["best"]>, { epochs }: History) {
    this.#folder = join(run, BEST);
    this.#kind = kind;
    for (const epoch of epochs) this.#improves(epoch);
  }

  /** Step and figure of the best so far; null before the first. */
  get best(): { readonly step: number; readonly figure: number } | null {
    return this.#best;
  }

  /** Keeps the present model if no `epoch` before was better; of equal ones the last is kept, which learnt most. */
  offer(epoch: EpochOf<Figures>): void {
    if (!this.#improves(epoch)) return;
    saveCheckpoint(this.#folder, epoch.step, {
      model: this.#kind.model(),
      state: new Map(),
      position: { microBatch: 0, figure: this.#best!.figure },
    });
    const kept = `step-${String(epoch.step).padStart(8, "0")}`;
    for (const { name } of [...Deno.readDirSync(join(this.#folder, "checkpoints"))]) {
      if (name !== kept) {
        Deno.removeSync(join(this.#folder, "checkpoints", name), { recursive: true });
      }
    }
  }

  /** The best model; null if none was kept. @throws {DataError} if its file is damaged. */
  load(): { readonly step: number; readonly model: TensorMap } | null {
    const place = latestCheckpoint(this.#folder);
    if (place === null) return null;
    return { step: place.step, model: loadCheckpoint(place.path).model.tensors };
  }

  #improves(epoch: EpochOf<Figures>): boolean {
    const figure = this.#kind.figure(epoch);
    if (figure === null || (this.#best !== null && figure < this.#best.figure)) return false;
    this.#best = { step: epoch.step, figure };
    return true;
  }
}
