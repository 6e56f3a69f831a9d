/** Graphs whose batch is open, though values have static shapes: the same graph is emitted at two batch sizes and compared. */
import { DTYPES } from "../tensor/mod.ts";
import type { Message } from "./schema.ts";

/** A graph, emitted for batches of a certain size. */
export interface SizedGraph {
  readonly batch: number;
  readonly graph: Message<"Graph">;
}

/**
 * The graph for batches of any size. Where the two differ is where the batch is, so nothing is guessed: an axis becomes
 * `batch` if it is the batch size in both; a `Reshape` to a shape with the batch keeps its operand's axis, or infers it.
 *
 * Take two large primes: sizes that occur elsewhere might let equal constants of one graph be stored once and not in the other.
 *
 * @throws {TypeError} if anything else differs: another number of nodes, a constant with the batch in it.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { openBatch, toModel } from "./mod.ts";
 *
 * const sized = (batch: number) => {
 *   const x = graph.input("x", "float32", [batch, 8]);
 *   return { batch, graph: toModel({ y: graph.exp(x) }, { name: "open" }).graph! };
 * };
 * const { input: [x] = [] } = openBatch(sized(101), sized(103));
 * console.assert(x!.type!.tensorType!.shape!.dim![0]!.dimParam === "batch");
 * ```
 */
export function openBatch(a: SizedGraph, b: SizedGraph, name = "batch"): Message<"Graph"> {
  const opener = new Opener(a, b, name);
  return opener.graph();
}

class Opener {
  readonly #a: SizedGraph;
  readonly #b: SizedGraph;
  readonly #name: string;
  /** Dimensions of every tensor that has an open one. */
  readonly #open = new Map<string, readonly Message<"Dimension">[]>();

  constructor(a: SizedGraph, b: SizedGraph, name: string) {
    this.#a = a;
    this.#b = b;
    this.#name = name;
  }

  graph(): Message<"Graph"> {
    const [a, b] = [this.#a.graph, this.#b.graph];
    if (JSON.stringify(a.node) !== JSON.stringify(b.node)) {
      this.#fail("the two have different nodes");
    }
    const input = this.#infos(a.input, b.input);
    const valueInfo = this.#infos(a.valueInfo, b.valueInfo);
    const output = this.#infos(a.output, b.output);
    const initializer = pairs(a.initializer, b.initializer).map((pair) => this.#constant(...pair));
    return { ...a, input, valueInfo, output, initializer };
  }

  #infos(
    a: readonly Message<"ValueInfo">[] = [],
    b: readonly Message<"ValueInfo">[] = [],
  ): Message<"ValueInfo">[] {
    return pairs(a, b).map(([x, y]) => {
      const dims = pairs(dimsOf(x), dimsOf(y));
      if (x.name !== y.name) this.#fail(`${x.name} is ${y.name} in the other`);
      const dim = dims.map(([m, n]) => {
        if (m === n) return { dimValue: m };
        if (m === this.#a.batch && n === this.#b.batch) return { dimParam: this.#name };
        return this.#fail(`an axis of ${x.name} is ${m} and ${n}`);
      });
      if (dim.some((d) => "dimParam" in d)) this.#open.set(x.name!, dim);
      const { elemType = 0 } = x.type!.tensorType!;
      return { ...x, type: { tensorType: { elemType, shape: { dim } } } };
    });
  }

  #constant(a: Message<"Tensor">, b: Message<"Tensor">): Message<"Tensor"> {
    const [x, y] = [a.rawData!, b.rawData!];
    if (a.name === b.name && x.length === y.length && x.every((byte, i) => byte === y[i])) return a;
    const readers = (this.#a.graph.node ?? []).filter(({ input = [] }) => input.includes(a.name!));
    const isShape = readers.every(({ opType, input }) => {
      return opType === "Reshape" && input![1] === a.name;
    });
    if (a.name !== b.name || a.dataType !== DTYPES.int64.onnx || !isShape) {
      this.#fail(`the constant ${a.name} depends on it`);
    }
    return { ...a, rawData: this.#shape(a, b, readers) };
  }

  /** A shape to reshape to: 0 keeps an operand's axis in place, -1 infers one. */
  #shape(
    a: Message<"Tensor">,
    b: Message<"Tensor">,
    readers: readonly Message<"Node">[],
  ): Uint8Array {
    const sizes = pairs(whole(a), whole(b)).map(([m, n], axis) => {
      if (m === n) return m;
      if (m !== this.#a.batch || n !== this.#b.batch) this.#fail(`a reshape to ${m} and ${n}`);
      const kept = readers.every(({ input }) =>
        "dimParam" in (this.#open.get(input![0]!)?.[axis] ?? {})
      );
      return kept ? 0 : -1;
    });
    return new Uint8Array(BigInt64Array.from(sizes, BigInt).buffer);
  }

  #fail(what: string): never {
    const { graph: { name }, batch } = this.#a;
    throw new TypeError(
      `Cannot open the batch of the graph "${name}" at sizes ${batch} and ${this.#b.batch}: ${what}`,
    );
  }
}

function dimsOf({ type }: Message<"ValueInfo">): number[] {
  return type!.tensorType!.shape!.dim!.map(({ dimValue }) => dimValue!);
}

function whole({ rawData }: Message<"Tensor">): number[] {
  return Array.from(new BigInt64Array(rawData!.slice().buffer), Number);
}

function pairs<T>(a: readonly T[] = [], b: readonly T[] = []): [T, T][] {
  if (a.length !== b.length) {
    throw new TypeError(
      `Cannot open the batch of graphs that differ: ${a.length} and ${b.length} of a kind`,
    );
  }
  return a.map((x, i) => [x, b[i]!]);
}
