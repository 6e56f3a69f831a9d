/** Where parameters lie in flat state: one slab holds all of one kind, in ranges that the optimiser treats alike. */
import { sizeOf } from "../tensor/mod.ts";
import { ALIGNMENT, alignTo } from "../runtime/mod.ts";
import type { Parameter } from "../nn/mod.ts";

/** A parameter's place. */
export interface Place {
  readonly parameter: Parameter;
  /** Elements before it. */
  readonly offset: number;
}

/** Elements `start <= i < end`, whole chunks, that share a weight decay. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly weightDecay: number;
}

/** What one run of an optimiser graph covers. */
export interface Chunk {
  /** Elements before it. */
  readonly start: number;
  readonly elements: number;
  readonly weightDecay: number;
}

/** The layout of every slab of a model. */
export interface Layout {
  readonly places: ReadonlyMap<string, Place>;
  readonly ranges: readonly Range[];
  /** All elements, in order. */
  readonly chunks: readonly Chunk[];
  /** Elements in all; padding is always zero. */
  readonly elements: number;
}

const ELEMENT_BYTES = 4;

/** Elements that a slice's start is a multiple of. */
const ALIGNED_ELEMENTS = ALIGNMENT / ELEMENT_BYTES;

/** True for tensors of two axes or more: biases and norms do not decay. */
export function decays(parameter: Parameter): boolean {
  return parameter.shape.length > 1;
}

/**
 * Places the decaying parameters first, then the others, each at an aligned start, each group in whole chunks.
 *
 * @param options.chunk most elements of a chunk; a smaller model gets a smaller one. `Infinity` makes each group one chunk;
 * otherwise all chunks are of one size.
 */
export function layOut(
  parameters: readonly Parameter[],
  options: { readonly weightDecay: number; readonly chunk: number },
): Layout {
  const groups = [true, false].map((wanted) => parameters.filter((p) => decays(p) === wanted));
  const sizes = groups.map((group) => group.reduce((sum, p) => sum + slot(p), 0));
  const common = Math.min(options.chunk, alignTo(Math.max(...sizes, 1), ALIGNED_ELEMENTS));
  const places = new Map<string, Place>();
  const ranges: Range[] = [];
  const chunks: Chunk[] = [];
  let offset = 0;
  groups.forEach((group, i) => {
    const start = offset;
    for (const parameter of group) {
      places.set(parameter.name, { parameter, offset });
      offset += slot(parameter);
    }
    if (offset === start) return;
    const elements = options.chunk === Infinity ? sizes[i]! : common;
    const weightDecay = i === 0 ? options.weightDecay : 0;
    offset = start + alignTo(offset - start, elements);
    for (let at = start; at < offset; at += elements) {
      chunks.push({ start: at, elements, weightDecay });
    }
    ranges.push({ start, end: offset, weightDecay });
  });
  return { places, ranges, chunks, elements: offset };
}

/** Elements that a parameter takes with its padding. */
function slot({ shape }: Parameter): number {
  return alignTo(sizeOf(shape), ALIGNED_ELEMENTS);
}
