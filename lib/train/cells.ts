/** Named scalars that graphs pass to each other and to the host. */
import type { Allocator, Environment, Tensor } from "../runtime/mod.ts";
import { Slab } from "./slab.ts";

/** Elements from one cell to the next: each is aligned for itself. */
const STRIDE = 64;

/** What the cells hold, all float32 `[1]`. */
export const CELLS = [
  // Losses of the last micro-batch
  "loss",
  "rec",
  "align",
  // Their sum over the step's micro-batches, if there are several
  "lossSum",
  // 1 for the first micro-batch of a step
  "isFirst",
  // Of the step
  "lr",
  "norm",
  "finite",
  "scale",
  "steps",
  "firstCorrection",
  "secondCorrection",
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

  constructor(environment: Environment, allocator: Allocator) {
    this.#slab = new Slab(environment, allocator, CELLS.length * STRIDE);
    this.set("one", 1);
  }

  tensor(cell: Cell): Tensor {
    return this.#slab.tensor(CELLS.indexOf(cell) * STRIDE, [1]);
  }

  set(cell: Cell, value: number): void {
    this.#slab.write(CELLS.indexOf(cell) * STRIDE, Float32Array.of(value));
  }

  get(cell: Cell): number {
    return this.#slab.read(CELLS.indexOf(cell) * STRIDE, [1])[0]!;
  }

  [Symbol.dispose](): void {
    this.#slab[Symbol.dispose]();
  }
}
