/** Lists of images: CSV (RFC 4180) with a header, or JSON Lines. */
import { dirname, resolve } from "node:path";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { parse } from "csv-parse";
import { DataError } from "./error.ts";
import { fileOf } from "./folder_source.ts";
import type { SplitName } from "./manifest.ts";
import { type Opened, type Source, type SourceEntry, SPLIT_WORDS } from "./source.ts";

/** Names that a column may have, the one preferred first. */
const COLUMNS = {
  path: ["path", "file_name", "filename", "file"],
  label: ["label", "class"],
  split: ["split"],
} as const;

/** What one row says; all columns by name. */
interface Row {
  /** Where it is, for messages. */
  readonly line: number;
  readonly values: ReadonlyMap<string, unknown>;
}

/** True if a file of this name is a list. */
export function isTable(path: string): boolean {
  return /\.(csv|tsv|jsonl|ndjson)$/i.test(path);
}

/**
 * The images that a list names, in its order: columns `path`, `label` and `split` of a CSV or TSV whose first line names
 * them, or members of the objects of a JSON Lines file. A path is relative to the list's folder. A label is the name of a
 * class, numbers too; an empty or missing one is none. Without a split an image is of the one that the list's name says.
 */
export function tableSource({ path: table, name, split }: Opened): Source {
  async function* entries(): AsyncGenerator<SourceEntry> {
    const rows = /\.(csv|tsv)$/i.test(table) ? csvRows(table) : jsonRows(table);
    for await (const row of rows) {
      const where = `${table}, line ${row.line}`;
      const path = textOf(row, "path", where);
      if (path === undefined) throw new DataError(`Cannot use ${where}: it has no path`);
      const label = textOf(row, "label", where);
      const place = { split: splitOf(textOf(row, "split", where), where) ?? split, label };
      const entry = fileOf(resolve(dirname(table), path), path);
      yield entry.kind === "file" ? { ...entry, place } : entry;
    }
  }
  return { name, split, entries };
}

async function* csvRows(path: string): AsyncGenerator<Row> {
  const header = (names: string[]) => {
    const columns = names.map((name) => name.trim().toLowerCase());
    if (COLUMNS.path.some((name) => columns.includes(name))) return columns;
    throw new Error(`its first line names no column "path" but ${names.join(", ")}`);
  };
  const file = createReadStream(path);
  const parser = parse({
    bom: true,
    columns: header,
    delimiter: /\.tsv$/i.test(path) ? "\t" : ",",
    info: true,
    skip_empty_lines: true,
  });
  file.on("error", (error) => parser.destroy(error)).pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRow>) {
      yield { line: info.lines, values: new Map(Object.entries(record)) };
    }
  } catch (cause) {
    if (cause instanceof DataError || !(cause instanceof Error)) throw cause;
    throw new DataError(`Cannot read ${path}: ${cause.message}`, { cause });
  } finally {
    file.destroy(); // a parser that fails leaves it open
  }
}

/** What `csv-parse` gives with `info` and `columns`. */
interface CsvRow {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

async function* jsonRows(path: string): AsyncGenerator<Row> {
  const file = createReadStream(path);
  let number = 0;
  try {
    for await (const line of createInterface({ input: file, crlfDelay: Infinity })) {
      number++;
      if (line.trim() === "") continue;
      const json = parseLine(line.replace(/^\ufeff/, ""));
      if (typeof json !== "object" || json === null) {
        throw new DataError(`Cannot read ${path}, line ${number}: it is no JSON object`);
      }
      yield { line: number, values: new Map(Object.entries(json)) };
    }
  } finally {
    file.destroy();
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A column's text; `undefined` if there is none. */
function textOf(
  { values }: Row,
  column: keyof typeof COLUMNS,
  where: string,
): string | undefined {
  const value = COLUMNS[column].map((name) => values.get(name)).find((value) =>
    value !== undefined
  );
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new DataError(`Cannot use ${where}: its ${column} is neither text nor a number`);
}

function splitOf(word: string | undefined, where: string): SplitName | undefined {
  const split = word === undefined ? undefined : SPLIT_WORDS.get(word.toLowerCase());
  if (word === undefined || split !== undefined) return split;
  throw new DataError(`Cannot use ${where}: split "${word}" is none of train, val and test`);
}
