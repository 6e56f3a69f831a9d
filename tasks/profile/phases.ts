/** Sorts profiled nodes by phase of a step, layer and op. */
import type { NodeTime } from "../../lib/runtime/mod.ts";

/** The phases of a training step, in their order. */
export const PHASES = [
  "crop",
  "score",
  "mask",
  "visible",
  "decoder",
  "reconstruction",
  "masked",
  "alignment",
  "backward",
  "accumulate",
  "measure",
  "finish",
  "update",
  "copy",
] as const;

/** One of {@linkcode PHASES}. */
export type Phase = (typeof PHASES)[number];

/** A node with its place in the step. */
export interface PlacedNode extends NodeTime {
  readonly phase: Phase;
  /** Where in the phase: `blocks.3/attn`, or empty. */
  readonly layer: string;
}

/** Places a node by its name: `gradient/<phase>/<layer...>/<op>_<n>`, or `<graph>/<op>_<n>`. */
export function placeNode(node: NodeTime): PlacedNode {
  const [graph, ...scope] = node.name.split("/").slice(0, -1);
  const names = graph === "gradient" ? scope : [graph!, ...scope];
  const known = PHASES.find((phase) => phase === names[0]);
  return { ...node, phase: known ?? "crop", layer: known ? names.slice(1).join("/") : "" };
}

/** Time of all nodes that share a key. */
export interface Total {
  readonly key: string;
  readonly count: number;
  readonly microseconds: number;
}

/** Adds up nodes by a key, the slowest first. */
export function totals(
  nodes: readonly PlacedNode[],
  key: (node: PlacedNode) => string,
): Total[] {
  const sums = new Map<string, { count: number; microseconds: number }>();
  for (const node of nodes) {
    const sum = sums.get(key(node)) ?? { count: 0, microseconds: 0 };
    sum.count += node.count;
    sum.microseconds += node.microseconds;
    sums.set(key(node), sum);
  }
  return [...sums].map(([key, sum]) => ({ key, ...sum }))
    .sort((a, b) => b.microseconds - a.microseconds);
}
