/** What took the time in a session's runs, from the file that {@linkcode Session.endProfiling} names. */
export interface Profile {
  /** Runs of the model. */
  readonly runs: number;
  /** Time of all runs, in microseconds. */
  readonly microseconds: number;
  /** One row for each operator type, the slowest first. */
  readonly ops: readonly OpTime[];
  /** One row for each node, the slowest first. */
  readonly nodes: readonly NodeTime[];
}

/** Time of all nodes of one type. */
export interface OpTime {
  readonly op: string;
  /** Times that a node of this type ran. */
  readonly count: number;
  readonly microseconds: number;
}

/** Time of one node. */
export interface NodeTime extends OpTime {
  readonly name: string;
  /** Provider that ran it, such as `CPUExecutionProvider`. */
  readonly provider: string;
}

/** An entry of the file (Chrome's trace event format), as far as it is read here. */
interface Event {
  readonly cat?: string;
  readonly name?: string;
  /** Microseconds. */
  readonly dur?: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

const KERNEL = "_kernel_time";

/**
 * Adds up a profile.
 *
 * @throws {SyntaxError} if `text` is not one.
 *
 * @internal
 */
export function parseProfile(text: string): Profile {
  const events: unknown = JSON.parse(text);
  if (!Array.isArray(events)) {
    throw new SyntaxError("Cannot read the profile: it is not a list of events");
  }
  let runs = 0, microseconds = 0;
  const ops = new Map<string, OpTime>();
  const nodes = new Map<string, NodeTime>();
  for (const { cat, name = "", dur = 0, args = {} } of events as readonly Event[]) {
    if (cat === "Session" && name === "model_run") {
      runs++;
      microseconds += dur;
    }
    if (cat !== "Node" || !name.endsWith(KERNEL)) continue;
    const { op_name: op = "", provider = "" } = args;
    const node = name.slice(0, -KERNEL.length);
    add(ops, op, { op }, dur);
    add(nodes, JSON.stringify([node, op, provider]), { name: node, op, provider }, dur);
  }
  return { runs, microseconds, ops: slowestFirst(ops), nodes: slowestFirst(nodes) };
}

function add<R extends OpTime>(
  rows: Map<string, R>,
  key: string,
  what: Omit<R, "count" | "microseconds">,
  microseconds: number,
): void {
  const row = rows.get(key);
  rows.set(
    key,
    {
      ...what,
      count: (row?.count ?? 0) + 1,
      microseconds: (row?.microseconds ?? 0) + microseconds,
    } as R,
  );
}

function slowestFirst<R extends OpTime>(rows: ReadonlyMap<string, R>): R[] {
  return [...rows.values()].sort((a, b) => b.microseconds - a.microseconds);
}
