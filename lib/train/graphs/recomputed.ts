/** Fusion and recomputation of a differentiated graph. */
import {
  fuse,
  mul,
  recompute,
  type RecomputeOptions,
  reshape,
  type RewriteName,
  slice,
  type Value,
} from "../../graph/mod.ts";
import { sizeOf } from "../../tensor/mod.ts";

/** The outputs with fused kernels, without marks of segments; with the segments computed again if `again` says which. */
export function fuseAndRecompute(
  outputs: readonly Value[],
  { again, rewrites }: {
    readonly again: RecomputeOptions | null;
    readonly rewrites?: readonly RewriteName[] | undefined;
  },
): Value[] {
  const marks = [...again?.cotangents.keys() ?? []];
  const dys = [...again?.cotangents.values() ?? []];
  const forward = again?.forward ?? [];
  // One rewrite for all, so that what recomputation is told of is what the outputs became
  const all = fuse([...outputs, ...marks, ...dys, ...forward, ...again ? [again.zero] : []], {
    rewrites,
  });
  const take = (count: number) => all.splice(0, count);
  const fused = take(outputs.length);
  const fusedMarks = take(marks.length) as Value<"Segment">[];
  const fusedDys = take(dys.length);
  return recompute(fused, {
    cotangents: new Map(fusedMarks.map((mark, i) => [mark, fusedDys[i]!])),
    forward: take(forward.length),
    zero: all[0] ?? fused[0]!,
  });
}

/** What to tell recomputation of `blocks`, given a cotangent or null for each; null if there is nothing to compute again. */
export function recomputeOptions(
  blocks: readonly Value<"Segment">[],
  { cotangents, forward, zero }: Omit<RecomputeOptions, "cotangents"> & {
    readonly cotangents: readonly (Value | null)[];
  },
): RecomputeOptions | null {
  const differentiated = blocks.flatMap((block, i) => {
    const dy = cotangents[i];
    return dy ? [[block, dy] as const] : [];
  });
  if (differentiated.length === 0) return null;
  return { cotangents: new Map(differentiated), forward, zero };
}

/** Zero whatever finite numbers `x` holds, in a way that nothing can fold. */
export function zeroOf(x: Value): Value {
  return mul(slice(reshape(x, [sizeOf(x.shape)]), 0, 0, 1), 0);
}
