/** Features of many images, batch by batch, on any device. */
import type { StoredTensor } from "../checkpoint/mod.ts";
import type { Lowering } from "../lower/mod.ts";
import type { DeviceContext, SessionOptions, Tensor } from "../runtime/mod.ts";
import { arrayOver } from "../tensor/mod.ts";
import { BatchRuns, type Feed, layOut, type Pending, Slab, UNGROUPED } from "../train/mod.ts";
import type { EncoderWeights } from "./encoder_weights.ts";
import { featureGraph } from "./graph.ts";
import type { FeatureKind } from "./kind.ts";
import { featureParameters, featureWidth } from "./model.ts";

/** What is extracted, and from what. */
export interface ExtractorOptions {
  readonly encoder: EncoderWeights;
  readonly kind: FeatureKind;
  /** Images of a batch. */
  readonly batch: number;
  /** Pixels of a side of the stored images. */
  readonly storedSize: number;
  readonly session: SessionOptions;
  /** Runs products in a low type. */
  readonly lower?: Lowering | null;
}

/** Told of features in their order: `values` `[N, F]` of the images from `first` on. They are overwritten afterwards. */
export type FeatureSink = (values: Float32Array, first: number) => void;

/** An encoder without gradient on a device. */
export class FeatureExtractor implements Disposable {
  /** Numbers of an image's features, F. */
  readonly width: number;
  readonly #batch: number;
  readonly #runsAhead: boolean;
  readonly #features: Slab;
  readonly #runs: BatchRuns;
  readonly #stack: DisposableStack;

  /** Copies the weights to the device. */
  constructor(context: DeviceContext, options: ExtractorOptions) {
    const { encoder: { config, pooledNorm, tensors }, kind, batch } = options;
    using stack = new DisposableStack();
    this.width = featureWidth(config, kind);
    this.#batch = batch;
    this.#runsAhead = context.runsAhead;
    this.#features = stack.use(new Slab(context, batch * this.width));
    const graph = featureGraph({ ...options, config, pooledNorm });
    const { places, elements } = layOut(featureParameters(config, { pooledNorm }), {
      groupOf: UNGROUPED,
      chunk: Infinity,
    });
    const weights = stack.use(new Slab(context, elements));
    for (const { parameter: { name }, offset } of places.values()) {
      weights.write(offset, elementsOf(tensors.get(name)!));
    }
    const inputs: Record<string, Tensor> = {};
    for (const { parameter, offset, value } of graph.parameters) {
      const at = places.get(parameter.name)!.offset + offset;
      inputs[value.attrs.name] = weights.tensor(at, value.shape);
    }
    const outputs = { features: this.#features.tensor(0, [batch, this.width]) };
    const session = stack.use(context.session(graph.model, options.session));
    this.#runs = stack.use(new BatchRuns(session, { inputs, outputs, captures: false }));
    this.#stack = stack.move();
  }

  /**
   * Runs over the next micro-batches of a feed.
   *
   * @param options.count images in all; those that fill the last micro-batch up are left out.
   * @param options.each told of every batch.
   * @param options.stopped ends the extraction early where it gives true.
   * @returns images that were run over.
   */
  extract(feed: Feed, options: {
    readonly count: number;
    readonly each: FeatureSink;
    readonly stopped?: () => boolean;
  }): number {
    const { count, each, stopped = () => false } = options;
    const { width } = this;
    let before: { values: Pending<Float32Array>; first: number } | null = null;
    let first = 0;
    const tell = () => {
      if (before === null) return;
      const images = Math.min(this.#batch, count - before.first);
      each(before.values.read().subarray(0, images * width), before.first);
      before = null;
    };
    for (; first < count && !stopped(); first += this.#batch) {
      const { tensors, place } = feed.next();
      this.#runs.run(tensors, place);
      feed.done();
      const values = this.#features.readback(0, this.#batch * width);
      feed.readAhead();
      tell();
      before = { values, first };
      if (!this.#runsAhead) tell();
    }
    tell();
    return Math.min(first, count);
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

function elementsOf({ data }: StoredTensor): Float32Array {
  return arrayOver("float32", data.byteOffset % 4 === 0 ? data : data.slice());
}
