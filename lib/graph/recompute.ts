/** Recomputation: what a backward pass reads of a segment's interior is computed again instead of kept (Chen et al. 2016). */
import { sizeOf } from "../tensor/mod.ts";
import { add, mul, reshape, slice } from "./build/mod.ts";
import type { Op, Ops } from "./ops.ts";
import { inScope } from "./scope.ts";
import { topological } from "./traverse.ts";
import { apply } from "./type_rules.ts";
import { is, type Value } from "./value.ts";

/**
 * The segments that `outputs` reach, first ones first.
 *
 * @example
 * ```ts
 * import { exp, input, mul, segment, segments } from "./mod.ts";
 *
 * const x = input("x", "float32", [4]);
 * const y = segment(exp(x), x);
 * console.assert(segments([mul(y, 2)])[0] === y);
 * ```
 */
export function segments(outputs: readonly Value[]): Value<"Segment">[] {
  return topological(outputs).filter((value) => is(value, "Segment"));
}

/** What {@linkcode recompute} must know of a graph. */
export interface RecomputeOptions {
  /** The outputs of the forward pass; what they do not reach is the backward pass. */
  readonly forward: readonly Value[];
  /** The segments to compute again, not one inside another, with the cotangent of each one's result. */
  readonly cotangents: ReadonlyMap<Value<"Segment">, Value>;
  /** One element that is 0 whenever the graph runs, made from an input, so that no optimiser can know it. */
  readonly zero: Value;
}

/**
 * The same outputs, bit for bit, with less in memory at once: the backward pass reads copies of a segment's interior, which start
 * from the segment's input. So of the forward pass only the segments' inputs and results are kept. No mark is left.
 *
 * A runtime orders nodes by data alone, so nothing in a copy could keep it from running at once, long before it is read. Each
 * copy is therefore held back: its input is multiplied by 1 + 0 dy, with an element dy of the cotangent of the segment's result,
 * which exists only when the backward pass gets there. (Where dy is not finite, neither was the gradient.)
 *
 * @internal
 */
export function recompute(
  outputs: readonly Value[],
  { forward, cotangents, zero }: RecomputeOptions,
): Value[] {
  const isForward = new Set(topological([...forward, ...cotangents.keys()]));
  const homes = interiors(isForward, [...cotangents.keys()]);
  const copies = new Map<Value, Value>();
  const done = new Map<Value, Value>();

  const copy = (segment: Value<"Segment">, interior: readonly Value[]) => {
    const [, x] = segment.inputs;
    const held = mul(done.get(x)!, one(done.get(zero)!, done.get(cotangents.get(segment)!)!));
    copies.set(x, held);
    for (const value of interior) {
      const remade = (v: Value) => copies.get(v) ?? done.get(v)!;
      copies.set(value, inScope(`recompute/${value.scope}`, () => reapply(value, remade)));
    }
    copies.delete(x); // outside, the input is the input
  };

  const copied = new Set<Value>();
  /** What the backward pass reads in place of `value`. */
  const again = (value: Value) => {
    const home = homes.get(value);
    if (home === undefined) return done.get(value)!;
    if (!copied.has(home.segment)) copy(home.segment, home.interior);
    copied.add(home.segment);
    return copies.get(value)!;
  };
  /** A backward value that reads an interior also waits for what holds the copy back. */
  const waitsFor = (value: Value) => {
    if (isForward.has(value)) return value.inputs;
    const read = value.inputs.map((x) => homes.get(x)?.segment).filter((x) => x !== undefined);
    return [...value.inputs, ...read.flatMap((x) => [x, zero, cotangents.get(x)!])];
  };
  for (const value of topological(outputs, waitsFor)) {
    const remade = is(value, "Segment") ? done.get(value.inputs[0])! : inScope(value.scope, () => {
      return reapply(value, isForward.has(value) ? (x) => done.get(x)! : again);
    });
    done.set(value, remade);
  }
  return outputs.map((value) => done.get(value)!);
}

/** What lies inside a segment, operands first. */
interface Home {
  readonly segment: Value<"Segment">;
  readonly interior: readonly Value[];
}

/**
 * For each value that depends on a segment's input and leads to its result, its segment. Input and result are kept anyway, and so
 * is what the forward pass reads from outside.
 */
function interiors(
  forward: ReadonlySet<Value>,
  segments: readonly Value<"Segment">[],
): ReadonlyMap<Value, Home> {
  const readers = new Map<Value, Value[]>();
  for (const value of forward) {
    for (const x of value.inputs) readers.set(x, [...readers.get(x) ?? [], value]);
  }
  const homes = new Map<Value, Home>();
  for (const segment of segments) {
    const [y, x] = segment.inputs;
    const inside = new Set<Value>();
    for (const value of topological([y], (value) => value === x ? [] : value.inputs)) {
      if (value === x || value.inputs.some((operand) => inside.has(operand))) inside.add(value);
    }
    inside.delete(x);
    const interior = [...inside];
    for (const value of interior) {
      const isPrivate = readers.get(value)!.every((reader) => inside.has(reader));
      if (value !== y && isPrivate) homes.set(value, { segment, interior });
    }
  }
  return homes;
}

/** 1, once `dy` is known. */
function one(zero: Value, dy: Value): Value {
  const first = slice(reshape(dy, [sizeOf(dy.shape)]), 0, 0, 1);
  return add(mul(zero, first), 1);
}

/** The value on what has become of its operands; itself if they are the same. */
function reapply(value: Value, remade: (x: Value) => Value): Value {
  const inputs = value.inputs.map(remade);
  const same = inputs.every((x, i) => x === value.inputs[i]);
  return same ? value : apply(value.op, inputs as unknown as Ops[Op]["inputs"], value.attrs);
}
