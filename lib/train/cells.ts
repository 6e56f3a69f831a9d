/** Named scalars that graphs pass to each other and to the host. */
import type { DeviceContext, Tensor } from "../runtime/mod.ts";
import { mapPending, type Pending } from "./pending.ts";
import { Slab } from "./slab.ts";

/** Elements from one cell to the next: each is aligned for itself. */
const STRIDE = 64;

/** What the cells hold, all float32 `[1]`. Those that are read together are neighbours. */
export const CELLS = [
  // Losses of the last micro-batch
  "loss",
  "rec",
  "align",
  // Of the step
  "norm",
  "finite",
  // Factor of the loss and of every gradient, and steps in a row that counted since it changed: float16 alone
  "lossScale",
  "goodSteps",
  "lr",
  "scale",
  "steps",
  "firstCorrection",
  "secondCorrection",
  // Sum of the losses over the step's micro-batches, if there are several
  "lossSum",
  // Constants
  "zero",
  "one",
  "weightDecay",
] as const;

/** Name of a cell. */
export type Cell = (typeof CELLS)[number];

/** One `[1]` tensor a name. */
export class Cells implements Disposable {
  readonly #slab: Slab;

  constructor(context: DeviceContext) {
    this.#slab = new Slab(context, CELLS.length * STRIDE);
    this.set("one", 1);
  }

  tensor(cell: Cell): Tensor {
    return this.#slab.tensor(placeOf(cell), [1]);
  }

  /** What is run from here on reads `value`. */
  set(cell: Cell, value: number): void {
    this.#slab.set(placeOf(cell), Float32Array.of(value));
  }

  /** The value after all that has been run, which this waits for. */
  get(cell: Cell): number {
    return this.#slab.read(placeOf(cell), [1])[0]!;
  }

  /** Values after all that has been run, in one copy. */
  readback<K extends Cell>(cells: readonly K[]): Pending<Readonly<Record<K, number>>> {
    const places = cells.map(placeOf);
    const first = Math.min(...places);
    const elements = Math.max(...places) - first + 1;
    return mapPending(this.#slab.readback(first, elements), (values) => {
      const entries = cells.map((cell, i) => [cell, values[places[i]! - first]!]);
      return Object.fromEntries(entries) as Record<K, number>;
    });
  }

  [Symbol.dispose](): void {
    this.#slab[Symbol.dispose]();
  }
}

function placeOf(cell: Cell): number {
  return CELLS.indexOf(cell) * STRIDE;
}
