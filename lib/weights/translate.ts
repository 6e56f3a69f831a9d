/** Names of one scheme into another's. */
import { DataError } from "../data/mod.ts";
import { expressionOf, fillIn, NAME_TABLE, type Naming, type Part, SPELLINGS } from "./naming.ts";

/** Where a tensor of ours comes from. */
export interface Origin {
  readonly part: Part;
  /** Names in the file; several whose rows follow each other in ours. */
  readonly names: readonly string[];
}

/** The names of a file, read. */
export interface Recognised {
  readonly naming: Naming;
  /** By our names. */
  readonly tensors: ReadonlyMap<string, Origin>;
  /** Names that belong to a known model and have no place in ours. */
  readonly unused: readonly string[];
  /** Names that are not in the table: the model computes something else. */
  readonly unknown: readonly string[];
}

const WRAPPERS = "(?:(?:module|model|backbone|encoder|base_model|vit|deit)\\.)*";
/** The one tensor that every file has, and what may come before its name. */
const ANCHORS = [
  { naming: "ours", at: new RegExp(`^(${WRAPPERS})patch_embed\\.proj\\.weight$`) },
  {
    naming: "huggingface",
    at: new RegExp(`^(${WRAPPERS})embeddings\\.patch_embeddings\\.projection\\.weight$`),
  },
] as const;

/** The rows by the expressions that find them; a part is the place in a list of names, or null. */
const EXPRESSIONS = {
  ours: NAME_TABLE.flatMap((row) => {
    return row.ours === null ? [] : [{ row, piece: null, expression: expressionOf(row.ours) }];
  }),
  huggingface: NAME_TABLE.flatMap((row) => {
    const names = row.huggingface === null ? [] : [row.huggingface].flat();
    const isList = Array.isArray(row.huggingface);
    return names.map((name, i) => ({
      row,
      piece: isList ? i : null,
      expression: expressionOf(name),
    }));
  }),
} as const;

/**
 * Reads the names of a file, whose scheme shows in them.
 *
 * @throws {DataError} if they are of no scheme, of two models, or two of them stand for one tensor.
 *
 * @example
 * ```ts
 * import { recogniseNames } from "./mod.ts";
 *
 * const { naming } = recogniseNames(["embeddings.patch_embeddings.projection.weight"]);
 * console.assert(naming === "huggingface");
 * ```
 */
export function recogniseNames(names: Iterable<string>): Recognised {
  const all = [...names];
  const { naming, prefix } = findAnchor(all);
  const found = new Map<string, { part: Part; pieces: (string | undefined)[] }>();
  const unused: string[] = [];
  const unknown: string[] = [];
  for (const name of all) {
    const place = placeOf(name, naming, prefix);
    if (place === null) unknown.push(name);
    else if (place.ours === null) unused.push(name);
    else {
      const { pieces } = getOrMake(found, place.ours, () => ({ part: place.part, pieces: [] }));
      const piece = place.piece ?? 0;
      if (pieces[piece] !== undefined) {
        throw new DataError(
          `Cannot tell which tensor is ${place.ours}: there are ${pieces[piece]} and ${name}`,
        );
      }
      pieces[piece] = name;
    }
  }
  const tensors = new Map<string, Origin>();
  for (const [ours, { part, pieces }] of found) {
    const there = pieces.filter((name) => name !== undefined);
    if (there.length === toHuggingface(ours).length || naming === "ours") {
      tensors.set(ours, { part, names: there });
    } else unknown.push(...there); // a query without its key is nothing
  }
  const hasDecoder = [...tensors.values()].some(({ part }) => part === "decoder");
  const own = hasDecoder ? "mae" : "timm";
  return { naming: naming === "ours" ? own : naming, tensors, unused, unknown };
}

/**
 * What a tensor of ours is called by `naming`: several names if its rows are split there, none if there is nothing of
 * the kind. Null if it is not in the table.
 *
 * @param options.wrapped the encoder is a part of a larger model of Hugging Face's.
 *
 * @example
 * ```ts
 * import { namesIn } from "./mod.ts";
 *
 * const { names } = namesIn("huggingface", "blocks.0.attn.qkv.weight")!;
 * console.assert(names.length === 3); // query, key, value
 * ```
 */
export function namesIn(
  naming: Naming,
  ours: string,
  { wrapped = false }: { readonly wrapped?: boolean } = {},
): { readonly part: Part; readonly names: readonly string[] } | null {
  const hit = findRow(EXPRESSIONS.ours, ours);
  if (hit === null) return null;
  const { part } = hit.row;
  if (naming !== "huggingface") return { part, names: [ours] };
  const prefix = part === "encoder" && wrapped ? "vit." : "";
  return { part, names: toHuggingface(ours).map((name) => prefix + name) };
}

function toHuggingface(ours: string): string[] {
  const hit = findRow(EXPRESSIONS.ours, ours);
  const patterns = hit?.row.huggingface ?? [];
  return [patterns].flat().map((pattern) => fillIn(pattern, hit?.groups ?? {}));
}

/** Where a name of a file belongs; `ours` is null if we have no such tensor. Null if it is not in the table. */
function placeOf(
  name: string,
  naming: keyof typeof EXPRESSIONS,
  prefix: string,
): { part: Part; ours: string | null; piece: number | null } | null {
  const stripped = name.startsWith(prefix) ? [name.slice(prefix.length), name] : [name];
  for (const candidate of stripped) {
    const spelled = naming === "ours"
      ? candidate
      : SPELLINGS.reduce((text, [from, to]) => text.replace(from, to), candidate);
    const hit = findRow(EXPRESSIONS[naming], spelled);
    if (hit === null) continue;
    const { row, piece, groups } = hit;
    const ours = row.ours === null ? null : fillIn(row.ours, groups);
    return { part: row.part, ours, piece };
  }
  return null;
}

function findRow(rows: (typeof EXPRESSIONS)[keyof typeof EXPRESSIONS], name: string) {
  for (const { row, piece, expression } of rows) {
    const match = expression.exec(name);
    if (match !== null) return { row, piece, groups: match.groups ?? {} };
  }
  return null;
}

function findAnchor(
  names: readonly string[],
): { naming: keyof typeof EXPRESSIONS; prefix: string } {
  const hits = ANCHORS.flatMap(({ naming, at }) => {
    return names.flatMap((name) => {
      const prefix = at.exec(name)?.[1];
      return prefix === undefined ? [] : [{ naming, prefix, name }];
    });
  });
  const [first, second] = hits;
  if (first === undefined) {
    const some = names.slice(0, 3).join(", ");
    throw new DataError(
      "Cannot find a Vision Transformer: no tensor is named patch_embed.proj.weight (MAE, timm) or " +
        "embeddings.patch_embeddings.projection.weight (Hugging Face), with or without a prefix; " +
        (names.length === 0 ? "there are none" : `the first names are ${some}`),
    );
  }
  if (second !== undefined) {
    throw new DataError(
      `Cannot tell which model to read: there are ${first.name} and ${second.name}`,
    );
  }
  return first;
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const old = map.get(key);
  if (old !== undefined) return old;
  const made = make();
  map.set(key, made);
  return made;
}
