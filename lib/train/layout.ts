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

/** What an optimiser treats alike. */
export interface ParameterGroup {
  readonly weightDecay: number;
  /** Factor of the learning rate. */
  readonly lrScale: number;
}

/** The group of a parameter. */
export type GroupOf = (parameter: Parameter) => ParameterGroup;

/** Elements `start <= i < end`, whole chunks, of one group. */
export interface Range extends ParameterGroup {
  readonly start: number;
  readonly end: number;
}

/** What one run of an optimiser graph covers. */
export interface Chunk extends ParameterGroup {
  /** Elements before it. */
  readonly start: number;
  readonly elements: number;
  /** The one parameter that it is, where each has a chunk of its own; else null. */
  readonly parameter: Parameter | null;
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

/**
 * True for tensors of two axes or more: biases and norms do not decay.
 *
 * @example
 * ```ts
 * import { nn } from "../../mod.ts";
 * import { decays } from "./mod.ts";
 *
 * const [weight, bias] = nn.linearParameters("head", 8, 3);
 * console.assert(decays(weight!) && !decays(bias!));
 * ```
 */
export function decays(parameter: Parameter): boolean {
  return parameter.shape.length > 1;
}

/**
 * The groups of pretraining: what {@linkcode decays}, and the rest; one learning rate.
 *
 * @example
 * ```ts
 * import { nn } from "../../mod.ts";
 * import { groupByDecay } from "./mod.ts";
 *
 * const [weight, bias] = nn.linearParameters("head", 8, 3);
 * const groupOf = groupByDecay(0.05);
 * console.assert(groupOf(weight!).weightDecay === 0.05 && groupOf(bias!).weightDecay === 0);
 * ```
 */
export function groupByDecay(weightDecay: number): GroupOf {
  return (parameter) => ({ weightDecay: decays(parameter) ? weightDecay : 0, lrScale: 1 });
}

/**
 * One group of parameters that no optimiser steps.
 *
 * @example
 * ```ts
 * import { nn } from "../../mod.ts";
 * import { UNGROUPED } from "./mod.ts";
 *
 * console.assert(UNGROUPED(nn.linearParameters("head", 8, 3)[0]!).weightDecay === 0);
 * ```
 */
export const UNGROUPED: GroupOf = () => ({ weightDecay: 0, lrScale: 1 });

/** How parameters are laid out. */
export interface LayoutOptions {
  readonly groupOf: GroupOf;
  /**
   * Most elements of a chunk; a smaller model gets a smaller one, and all chunks are of one size. `Infinity` makes each group one
   * chunk, `"tensor"` each parameter.
   */
  readonly chunk: number | "tensor";
}

/**
 * Places the groups that decay first, then the others, in the order of their first parameters; each parameter at an aligned start,
 * each group in whole chunks.
 *
 * @example
 * ```ts
 * import { nn } from "../../mod.ts";
 * import { groupByDecay, layOut } from "./mod.ts";
 *
 * const layout = layOut(nn.linearParameters("head", 8, 3), {
 *   groupOf: groupByDecay(0.05),
 *   chunk: "tensor",
 * });
 * console.assert(layout.places.has("head.weight"));
 * ```
 */
export function layOut(parameters: readonly Parameter[], options: LayoutOptions): Layout {
  const groups = grouped(parameters, options.groupOf);
  const places = new Map<string, Place>();
  const ranges: Range[] = [];
  const chunks: Chunk[] = [];
  const sizes = groups.map(({ members }) => members.reduce((sum, p) => sum + slot(p), 0));
  const largest = alignTo(Math.max(...sizes, 1), ALIGNED_ELEMENTS);
  let offset = 0;
  groups.forEach(({ group, members }, i) => {
    const start = offset;
    for (const parameter of members) {
      places.set(parameter.name, { parameter, offset });
      if (options.chunk === "tensor") {
        chunks.push({ start: offset, elements: slot(parameter), parameter, ...group });
      }
      offset += slot(parameter);
    }
    if (options.chunk !== "tensor") {
      const elements = options.chunk === Infinity ? sizes[i]! : Math.min(options.chunk, largest);
      offset = start + alignTo(offset - start, elements);
      for (let at = start; at < offset; at += elements) {
        chunks.push({ start: at, elements, parameter: null, ...group });
      }
    }
    ranges.push({ start, end: offset, ...group });
  });
  return { places, ranges, chunks, elements: offset };
}

interface Group {
  readonly group: ParameterGroup;
  readonly members: Parameter[];
}

/** The groups that are there, and their parameters in the order given. */
function grouped(parameters: readonly Parameter[], groupOf: GroupOf): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const parameter of parameters) {
    const { weightDecay, lrScale } = groupOf(parameter);
    const key = `${weightDecay} ${lrScale}`;
    const group = groups.get(key) ?? { group: { weightDecay, lrScale }, members: [] };
    groups.set(key, group);
    group.members.push(parameter);
  }
  const decaying = ({ group }: Group) => Number(group.weightDecay > 0);
  return [...groups.values()].sort((a, b) => decaying(b) - decaying(a));
}

/** Elements that a parameter takes with its padding. */
function slot({ shape }: Parameter): number {
  return alignTo(sizeOf(shape), ALIGNED_ELEMENTS);
}
