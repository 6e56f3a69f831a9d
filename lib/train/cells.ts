/** Named scalars that graphs pass to each other and to the host. */
import type { DeviceContext, Tensor } from "../runtime/mod.ts";
import { mapPending, type Pending } from "./pending.ts";
import { Slab } from "./slab.ts";

/** Elements from one cell to the next: each is aligned for itself. */
const STRIDE = 64;

/** What every training has, all float32 `[1]`. Those that are read together are neighbours. */
export const CELLS = [
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
] as const;

/** Name of a cell that every training has. */
export type Cell = (typeof CELLS)[number];

/** One `[1]` tensor a name. */
export class Cells implements Disposable {
  readonly #places: ReadonlyMap<string, number>;
  readonly #slab: Slab;

  /**
   * @param options.scalars names of cells beside those that every training has: what its gradient graph tells of a micro-batch.
   * @param options.constants values for {@linkcode Cells.constant}, beside 0 and 1.
   */
  constructor(
    context: DeviceContext,
    options: { readonly scalars: readonly string[]; readonly constants: readonly number[] },
  ) {
    const constants = [...new Set([0, 1, ...options.constants])];
    const names = [...new Set([...options.scalars, ...CELLS, ...constants.map(nameOf)])];
    this.#places = new Map(names.map((name, i) => [name, i * STRIDE]));
    this.#slab = new Slab(context, names.length * STRIDE);
    for (const value of constants) if (value !== 0) this.set(nameOf(value), value);
  }

  tensor(cell: string): Tensor {
    return this.#slab.tensor(this.#place(cell), [1]);
  }

  /** The cell that always holds `value`. */
  constant(value: number): Tensor {
    return this.tensor(nameOf(value));
  }

  /** What is run from here on reads `value`. */
  set(cell: string, value: number): void {
    this.#slab.set(this.#place(cell), Float32Array.of(value));
  }

  /** The value after all that has been run, which this waits for. */
  get(cell: string): number {
    return this.#slab.read(this.#place(cell), [1])[0]!;
  }

  /** Values after all that has been run, in one copy. */
  readback<K extends string>(cells: readonly K[]): Pending<Readonly<Record<K, number>>> {
    const places = cells.map((cell) => this.#place(cell));
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

  #place(cell: string): number {
    const place = this.#places.get(cell);
    if (place === undefined) throw new RangeError(`Cannot find the cell "${cell}"`);
    return place;
  }
}

/** The cell of a constant. */
function nameOf(constant: number): string {
  return `constant ${constant}`;
}
