/** Which tensors of a file a model takes. */
import { DataError } from "../data/mod.ts";
import { sameShape, type Shape, showShape } from "../tensor/mod.ts";

/** A tensor that a model wants, such as a `Parameter`. */
export interface Wanted {
  readonly name: string;
  readonly shape: Shape;
}

/** What became of the tensors of a file; all names but `unknown` are ours. */
export interface MatchReport {
  /** Wanted, there, and of the right shape. */
  readonly matched: readonly string[];
  /** There, known, and not wanted: a decoder, a head. */
  readonly ignored: readonly string[];
  /** There, and not known, or of a block that the model lacks: what was trained computes something else. */
  readonly unknown: readonly string[];
  /** Wanted, and not there. */
  readonly missing: readonly string[];
  /** Wanted, and there with another shape. */
  readonly misshapen: readonly {
    readonly name: string;
    readonly wanted: Shape;
    readonly found: Shape;
  }[];
}

/** Names shown of a long list. */
const SHOWN = 4;

/**
 * Compares what is there with what is wanted.
 *
 * @param found by our names.
 * @param file `unknown`: further names of the file.
 *
 * @example
 * ```ts
 * import { matchTensors } from "./mod.ts";
 *
 * const found = new Map([["norm.weight", { shape: [8] }]]);
 * const wanted = [{ name: "norm.weight", shape: [8] }, { name: "norm.bias", shape: [8] }];
 * const { missing } = matchTensors(found, wanted, { unknown: [] });
 * console.assert(String(missing) === "norm.bias");
 * ```
 */
export function matchTensors(
  found: ReadonlyMap<string, { readonly shape: Shape }>,
  wanted: readonly Wanted[],
  { unknown }: { readonly unknown: readonly string[] },
): MatchReport {
  const shapes = new Map(wanted.map(({ name, shape }) => [name, shape]));
  const fits = ({ name, shape }: Wanted) => sameShape(found.get(name)?.shape ?? [], shape);
  const there = wanted.filter(({ name }) => found.has(name));
  const others = [...found.keys()].filter((name) => !shapes.has(name));
  const isBlock = (name: string) => name.startsWith("blocks.");
  return {
    matched: there.filter(fits).map(({ name }) => name),
    ignored: others.filter((name) => !isBlock(name)),
    unknown: [...unknown, ...others.filter(isBlock)],
    missing: wanted.filter(({ name }) => !found.has(name)).map(({ name }) => name),
    misshapen: there.filter((tensor) => !fits(tensor)).map(({ name, shape }) => {
      return { name, wanted: shape, found: found.get(name)!.shape };
    }),
  };
}

/**
 * True if everything wanted is there and nothing is there that the model does not know.
 *
 * @example
 * ```ts
 * import { isWholeMatch, loadWeights } from "./mod.ts";
 *
 * console.assert(isWholeMatch(loadWeights("run").report));
 * ```
 */
export function isWholeMatch({ unknown, missing, misshapen }: MatchReport): boolean {
  return unknown.length + missing.length + misshapen.length === 0;
}

/**
 * @throws {DataError} unless the match is whole.
 *
 * @example
 * ```ts
 * import { loadWeights, refusePartialMatch } from "./mod.ts";
 *
 * refusePartialMatch("run", loadWeights("run").report);
 * ```
 */
export function refusePartialMatch(path: string, report: MatchReport): void {
  if (isWholeMatch(report)) return;
  throw new DataError(
    `Cannot use the weights of ${path}: ${
      showReport(report)
    }; --partial takes what matches and leaves the rest as it ` +
      "starts",
  );
}

/**
 * The report in one line, with long lists cut short.
 *
 * @param rest what is said of tensors that are none of the encoder's.
 *
 * @example
 * ```ts
 * import { loadWeights, showReport } from "./mod.ts";
 *
 * console.log(showReport(loadWeights("run").report));
 * ```
 */
export function showReport(report: MatchReport, rest = "ignored"): string {
  const { matched, ignored, unknown, missing, misshapen } = report;
  const shapes = misshapen.map(({ name, wanted, found }) => {
    return `${name} (${showShape(found)}, the model's is ${showShape(wanted)})`;
  });
  const parts = [
    `${matched.length} tensors match`,
    listed("missing", missing),
    listed("of another shape", shapes),
    listed("unknown", unknown),
    listed(rest, ignored),
  ];
  return parts.filter((part) => part !== "").join("; ");
}

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const more = names.length > SHOWN ? `, ... ${names.length - SHOWN} more` : "";
  return `${names.length} ${what}: ${names.slice(0, SHOWN).join(", ")}${more}`;
}
