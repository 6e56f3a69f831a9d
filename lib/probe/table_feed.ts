/** Rows of a table on the device as batches, in place of images. */
import { type OrderOptions, sampleOrder } from "../data/mod.ts";
import type { Buffer, DeviceContext, Tensors } from "../runtime/mod.ts";
import { type Feed, type PlacedBatch, Slab } from "../train/mod.ts";
import type { LabelledRows } from "./knn.ts";

/** Features and labels on a device, where graphs pick rows of them: inputs `features` `[N, F]` and `labels` `[N, 1]`, float32. */
export class FeatureTable implements Disposable {
  readonly count: number;
  readonly width: number;
  readonly tensors: Tensors;
  readonly #slabs: readonly Slab[];

  constructor(context: DeviceContext, { values, width, labels }: LabelledRows) {
    this.count = labels.length;
    this.width = width;
    const features = new Slab(context, values.length);
    const classes = new Slab(context, labels.length);
    this.#slabs = [features, classes];
    features.write(0, values);
    classes.write(0, Float32Array.from(labels));
    this.tensors = {
      features: features.tensor(0, [this.count, width]),
      labels: classes.tensor(0, [this.count, 1]),
    };
  }

  [Symbol.dispose](): void {
    for (const slab of this.#slabs) slab[Symbol.dispose]();
  }
}

/** Batches of a table: the tensors of the table, and `rows` int64 `[B]`, which of it a batch holds. */
export class TableFeed implements Feed {
  readonly waited = 0;
  readonly #table: FeatureTable;
  readonly #samplesOf: ReturnType<typeof sampleOrder>;
  readonly #rows: Buffer;
  readonly #batch: Tensors;
  readonly #stack: DisposableStack;
  #index = 0;

  constructor(
    context: DeviceContext,
    table: FeatureTable,
    order: Omit<OrderOptions, "count" | "samples">,
  ) {
    using stack = new DisposableStack();
    this.#table = table;
    this.#samplesOf = sampleOrder({ ...order, count: table.count });
    this.#rows = stack.use(context.allocator.allocate(8 * order.batch));
    const rows = { dtype: "int64", shape: [order.batch] } as const;
    this.#batch = { rows: stack.use(context.environment.tensor(this.#rows, rows)) };
    this.#stack = stack.move();
  }

  next(): PlacedBatch {
    const { samples } = this.#samplesOf(this.#index++);
    const rows = BigInt64Array.from(samples, BigInt);
    this.#rows.upload(new Uint8Array(rows.buffer)); // waits for what reads the rows before
    return { tensors: { ...this.#table.tensors, ...this.#batch }, place: 0 };
  }

  done(): void {}

  readAhead(): void {}

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
