/** Which provider took the nodes of a run's graphs, and which of them should not be on the host. */
import { countByProvider, EnvironmentError, type PlacedNode, showDevice } from "../runtime/mod.ts";
import type { Session, SessionOptions } from "../runtime/mod.ts";
import { sizeOf } from "../tensor/mod.ts";
import { decode, type Message } from "../onnx/mod.ts";

/** Name of the provider that is the host. */
const HOST = "CPUExecutionProvider";

/** Most elements of what may be computed on the host for a device: scalars and shapes. */
export const HOST_ELEMENTS = 16;

/** A node on the host. */
export interface HostNode {
  readonly name: string;
  readonly op: string;
  /** Elements of the largest tensor that it makes. */
  readonly elements: number;
}

/**
 * The nodes of `model` that run on the host and make more than {@linkcode HOST_ELEMENTS} elements, the largest
 * first. A node that no provider was told to have taken counts as on the host.
 */
export function largeHostNodes(
  model: Uint8Array<ArrayBufferLike>,
  placement: readonly PlacedNode[],
): HostNode[] {
  const { graph } = decode("Model", model);
  const sizes = tensorSizes(graph!);
  const elsewhere = new Set(
    placement.filter(({ provider }) => provider !== HOST).map(({ name }) => name),
  );
  const largest = (names: readonly string[]) =>
    Math.max(0, ...names.map((name) => sizes.get(name) ?? 0));
  return (graph!.node ?? []).filter(({ name = "" }) => !elsewhere.has(name))
    .map(({ name = "", opType: op = "", input = [], output = [] }) => {
      // Inside a formulation of several nodes only operands have a known size
      const isKnown = output.some((name) => sizes.has(name));
      return { name, op, elements: largest(isKnown ? output : input) };
    })
    .filter(({ elements }) => elements > HOST_ELEMENTS)
    .sort((a, b) => b.elements - a.elements);
}

/** Name -> elements, of every tensor whose shape the graph says. */
function tensorSizes({ input = [], output = [], valueInfo = [] }: Message<"Graph">) {
  return new Map([...input, ...output, ...valueInfo].map(({ name = "", type }) => {
    const dims = type?.tensorType?.shape?.dim ?? [];
    return [name, sizeOf(dims.map(({ dimValue = 0 }) => dimValue))];
  }));
}

/** Watches the placement of every session that is created with its options. */
export class PlacementWatch {
  /** To be added to the options of all sessions of a run. */
  readonly options: Pick<SessionOptions, "recordPlacement" | "created">;
  readonly #strict: boolean;
  readonly #counts: Record<string, number> = {};

  /** @param options.strict whether a session on a GPU fails if the host computes more than scalars and shapes. */
  constructor(options: { strict: boolean }) {
    this.#strict = options.strict;
    this.options = {
      recordPlacement: true,
      created: (session, model) => this.add(session, model),
    };
  }

  /** Provider -> nodes of all graphs so far. */
  get counts(): Readonly<Record<string, number>> {
    return { ...this.#counts };
  }

  /** @throws {EnvironmentError} that names the nodes which should not be on the host. */
  add(session: Pick<Session, "placement" | "device">, model: Uint8Array<ArrayBufferLike>): void {
    const { placement, device } = session;
    for (const [provider, count] of Object.entries(countByProvider(placement))) {
      this.#counts[provider] = (this.#counts[provider] ?? 0) + count;
    }
    if (device.kind !== "cuda" || !this.#strict) return;
    const nodes = largeHostNodes(model, placement);
    if (nodes.length === 0) return;
    const SHOWN = 3;
    const shown = nodes.slice(0, SHOWN).map(({ name, elements }) =>
      `${name} (${elements} elements)`
    );
    const more = nodes.length > SHOWN ? ` and ${nodes.length - SHOWN} more` : "";
    throw new EnvironmentError(
      `Cannot train on ${showDevice(device)} alone: its provider has no kernel for ` +
        `${shown.join(", ")}${more}, so the host would compute and copy them at every step; ` +
        "--no-strict-device lets it",
    );
  }
}
