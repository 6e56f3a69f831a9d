/** Looks at images through a pretraining model. */
import { type PretrainingConfig, visibleCount } from "../ccmim/mod.ts";
import type { StoredTensor } from "../checkpoint/mod.ts";
import { DataError, type Picture } from "../data/mod.ts";
import type { ParameterView } from "../nn/mod.ts";
import type { Environment, Session, TensorData } from "../runtime/mod.ts";
import { arrayOver, random, sameShape, showShape, sizeOf } from "../tensor/mod.ts";
import { patchCount } from "../vit/mod.ts";
import { drawsGraph, visualGraph } from "./graph.ts";

/** What a model makes of a picture; L patches in row-major order. */
export interface View {
  readonly picture: Picture;
  /** `[L]`: 1 = masked, 0 = visible. */
  readonly masked: Uint8Array;
  /** uint8 `[S, S, 3]`: every patch as the decoder predicts it, also those that were visible. */
  readonly predicted: Uint8Array;
  /** `[L]`: attention of CLS, mean over heads and blocks; they add up to less than 1, the rest is CLS itself. */
  readonly attention: Float32Array;
  /** `[L]`: how often each patch is masked over many draws, in [0, 1]. */
  readonly probability: Float32Array;
  /** Mean squared error of the masked pixels on a scale where 255 is 1. */
  readonly error: number;
}

/** Draws that a masking probability is counted from: its deviation is at most 0.03. */
const DRAWS = 256;

/** Runs the graphs of one model over so many pictures at once. Made once, for any parameters. */
export class Inspector implements Disposable {
  readonly config: PretrainingConfig;
  readonly #batch: number;
  readonly #views: readonly ParameterView[];
  readonly #stack = new DisposableStack();
  readonly #visual: Session;
  readonly #draws: Session;

  constructor(
    environment: Environment,
    config: PretrainingConfig,
    { batch, threads }: { readonly batch: number; readonly threads?: number },
  ) {
    using stack = new DisposableStack();
    const options = threads === undefined ? {} : { threads };
    const { model, parameters } = visualGraph(config, batch);
    this.#visual = stack.use(environment.session(model, options));
    this.#draws = stack.use(environment.session(drawsGraph(config, DRAWS), options));
    this.config = config;
    this.#batch = batch;
    this.#views = parameters;
    this.#stack = stack.move();
  }

  /**
   * Looks at pictures, as many as the inspector was made for.
   *
   * @param tensors parameters by name.
   * @param seed of the masks: picture i is masked by the same draw whatever the model.
   * @throws {DataError} if a parameter is missing or has another shape.
   * @throws {RangeError} if there are more or fewer pictures, or one has another size.
   */
  look(
    tensors: ReadonlyMap<string, StoredTensor>,
    pictures: readonly Picture[],
    seed: number,
  ): View[] {
    const { model } = this.config;
    const [S, L] = [model.imageSize, patchCount(model)];
    const images = new Uint8Array(this.#batch * S * S * 3);
    if (pictures.length !== this.#batch) {
      throw new RangeError(
        `Cannot look at ${pictures.length} pictures: the graph takes ${this.#batch}`,
      );
    }
    pictures.forEach(({ name, pixels }, i) => {
      if (pixels.length !== S * S * 3) {
        throw new RangeError(
          `Cannot look at ${name}: ${pixels.length} bytes are not ${S} x ${S} x 3`,
        );
      }
      images.set(pixels, i * pixels.length);
    });
    const noise = Float32Array.from(pictures.flatMap((_, i) => [...draw(seed, i, L)]));
    const outputs = this.#visual.run({
      ...parameterData(this.#views, tensors),
      ...this.#present(this.#visual, {
        images: { dtype: "uint8", shape: [this.#batch, S, S, 3], data: images },
        noise: { dtype: "float32", shape: [this.#batch, L], data: noise },
      }),
    });
    const order = outputs.order!.data as BigInt64Array;
    const pixels = outputs.pixels!.data as Float32Array;
    const attention = outputs.attention!.data as Float32Array;
    return pictures.map((picture, i) => {
      const part = <T extends { slice(from: number, to: number): T }>(all: T, size: number) =>
        all.slice(i * size, (i + 1) * size);
      const own = part(attention, L);
      const view = this.#assemble(picture, part(order, L), part(pixels, S * S * 3));
      return {
        ...view,
        attention: own.map((x) => x / model.depth),
        probability: this.#probability(own, seed),
      };
    });
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  /** Puts patches into their places. @param pixels of the patches in the order of `order`. */
  #assemble(picture: Picture, order: BigInt64Array, pixels: Float32Array) {
    const { imageSize: S, patch } = this.config.model;
    const visible = visibleCount(this.config);
    const grid = S / patch;
    const masked = new Uint8Array(order.length);
    const predicted = new Uint8ClampedArray(S * S * 3); // rounds and clips
    let squares = 0;
    order.forEach((place, rank) => {
      const isMasked = rank >= visible;
      masked[Number(place)] = Number(isMasked);
      const [top, left] = [
        Math.floor(Number(place) / grid) * patch,
        (Number(place) % grid) * patch,
      ];
      for (let y = 0; y < patch; y++) {
        const from = (rank * patch + y) * patch * 3;
        const row = pixels.subarray(from, from + patch * 3);
        const to = ((top + y) * S + left) * 3;
        predicted.set(row, to);
        if (!isMasked) continue;
        row.forEach((value, i) => squares += ((value - picture.pixels[to + i]!) / 255) ** 2);
      }
    });
    const error = squares / ((order.length - visible) * patch * patch * 3);
    return { picture, masked, predicted: new Uint8Array(predicted.buffer), error };
  }

  /** How often each patch is masked, given the attention that ranks it. @param scores `[L]`, summed over blocks. */
  #probability(scores: Float32Array, seed: number): Float32Array {
    const L = scores.length;
    const all = new Float32Array(DRAWS * L);
    const noise = new Float32Array(DRAWS * L);
    for (let i = 0; i < DRAWS; i++) {
      all.set(scores, i * L);
      noise.set(draw(seed, i, L), i * L);
    }
    const shape = [DRAWS, L];
    const { order } = this.#draws.run(this.#present(this.#draws, {
      scores: { dtype: "float32", shape, data: all },
      noise: { dtype: "float32", shape, data: noise },
    }));
    const visible = visibleCount(this.config);
    const counts = new Float32Array(L);
    (order!.data as BigInt64Array).forEach((place, i) => {
      if (i % L >= visible) counts[Number(place)]! += 1 / DRAWS;
    });
    return counts;
  }

  /** What a session has inputs for: not every sampling reads noise, or scores. */
  #present(session: Session, inputs: Record<string, TensorData>): Record<string, TensorData> {
    const names = session.inputs.map(({ name }) => name);
    return Object.fromEntries(Object.entries(inputs).filter(([name]) => names.includes(name)));
  }
}

/** The noise of draw `i`: L numbers, uniform in (0, 1). */
function draw(seed: number, i: number, L: number): Float32Array {
  const stream = random({ seed, purpose: "mask", sample: i });
  return Float32Array.from({ length: L }, () => stream.uniform());
}

/**
 * The parts of parameters that a graph reads.
 *
 * @throws {DataError} if one is missing or has another shape.
 *
 * @internal
 */
export function parameterData(
  views: readonly ParameterView[],
  tensors: ReadonlyMap<string, StoredTensor>,
): Record<string, TensorData> {
  return Object.fromEntries(views.map(({ parameter, offset, value }) => {
    const { name, shape } = parameter;
    const tensor = tensors.get(name);
    if (tensor === undefined) {
      throw new DataError(`Cannot find the parameter ${name} in the weights`);
    }
    if (tensor.dtype !== "float32" || !sameShape(tensor.shape, shape)) {
      throw new DataError(
        `Cannot use ${name}: it is ${tensor.dtype}${showShape(tensor.shape)}, ` +
          `and the model wants float32${showShape(shape)}`,
      );
    }
    const elements = arrayOver("float32", tensor.data);
    const data = elements.subarray(offset, offset + sizeOf(value.shape));
    return [value.attrs.name, { dtype: "float32", shape: value.shape, data }];
  }));
}
