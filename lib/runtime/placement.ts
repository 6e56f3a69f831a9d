import { outPointer, outSize, textAt } from "./api.ts";
import type { Environment } from "./environment.ts";

/** A node of a session's graph and the provider that runs it. */
export interface PlacedNode {
  /** As the model names it. */
  readonly name: string;
  /** Operator type, such as `MatMul`. */
  readonly op: string;
  /** Such as `CPUExecutionProvider`. */
  readonly provider: string;
}

/** The session option's entry that makes ONNX Runtime keep the placement. */
export const RECORD_PLACEMENT = "session.record_ep_graph_assignment_info";

/** Reads the placement that ONNX Runtime kept of an `OrtSession`. */
export function readPlacement(
  { api }: Environment,
  session: Deno.PointerObject,
): readonly PlacedNode[] {
  type Fill = (out: BigUint64Array<ArrayBuffer>) => void;
  const text = (fill: Fill) => textAt(outPointer(fill));
  const list = (
    fill: (out: BigUint64Array<ArrayBuffer>, count: BigUint64Array<ArrayBuffer>) => void,
  ): Deno.PointerObject[] => {
    let pointer: Deno.PointerValue = null;
    const length = outSize((count) => pointer = outPointer((out) => fill(out, count)));
    if (pointer === null) return [];
    const view = new Deno.UnsafePointerView(pointer);
    return Array.from({ length }, (_, i) => view.getPointer(8 * i)!);
  };
  // All of it belongs to the session
  return list((out, count) => api.Session_GetEpGraphAssignmentInfo(session, out, count))
    .flatMap((subgraph) => {
      const provider = text((out) => api.EpAssignedSubgraph_GetEpName(subgraph, out));
      return list((out, count) => api.EpAssignedSubgraph_GetNodes(subgraph, out, count))
        .map((node) => ({
          name: text((out) => api.EpAssignedNode_GetName(node, out)),
          op: text((out) => api.EpAssignedNode_GetOperatorType(node, out)),
          provider,
        }));
    });
}

/**
 * Provider -> number of its nodes.
 *
 * @example
 * ```ts
 * import { countByProvider } from "./mod.ts";
 *
 * const counts = countByProvider([{ name: "y", op: "Exp", provider: "CPUExecutionProvider" }]);
 * console.assert(counts.CPUExecutionProvider === 1);
 * ```
 */
export function countByProvider(nodes: Iterable<PlacedNode>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { provider } of nodes) counts[provider] = (counts[provider] ?? 0) + 1;
  return counts;
}
