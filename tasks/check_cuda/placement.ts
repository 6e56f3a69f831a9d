/** Which provider takes the nodes of a run's graphs. */
import type { Session } from "../../lib/runtime/mod.ts";
import { type HostNode, largeHostNodes, PlacementWatch } from "../../lib/train/placement.ts";
import { openRun, type RunOptions } from "./run.ts";
import type { Verdict } from "./verdict.ts";

/** Creates all sessions of a run and looks at where their nodes went. */
export async function checkPlacement(options: RunOptions): Promise<Verdict[]> {
  const watch = new PlacementWatch({ strict: false }); // which would end at the first session
  const hostNodes: HostNode[] = [];
  const created = (session: Session, model: Uint8Array<ArrayBufferLike>) => {
    watch.add(session, model);
    if (session.device.kind !== "cuda") return; // the CPU provider is what the others are
    hostNodes.push(...largeHostNodes(model, session.placement));
  };
  {
    using run = await openRun({ ...options, session: { ...watch.options, created } });
    run.launch().loss.read(); // bindings, too, must be on the device
    run.openEvaluation();
  }
  return [placementVerdict(options, watch.counts, hostNodes)];
}

/** Holds if no node with more than scalars and shapes is on the host. */
function placementVerdict(
  { name, method, precision }: Pick<RunOptions, "name" | "method" | "precision">,
  counts: Readonly<Record<string, number>>,
  hostNodes: readonly HostNode[],
): Verdict {
  const providers = Object.entries(counts).map(([provider, count]) => `${provider} ${count}`);
  const named = hostNodes.slice(0, 5).map(({ name, op, elements }) =>
    `${name} (${op}, ${elements} elements)`
  );
  const more = hostNodes.length > named.length
    ? ` and ${hostNodes.length - named.length} more`
    : "";
  return {
    check: "placement",
    what: `${name}, ${method}, ${precision}`,
    holds: hostNodes.length === 0 && providers.length > 0,
    detail: `nodes: ${providers.join(", ") || "none"}` +
      (named.length === 0 ? "" : `; on the host, and should not be: ${named.join(", ")}${more}`),
  };
}
