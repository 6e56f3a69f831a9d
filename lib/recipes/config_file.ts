/** Options in a file: JSON with comments and trailing commas. */
import { getNodeValue, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { ConfigError } from "./config.ts";

/** What an option may be in a file. */
export type JsonValue = string | number | boolean | readonly (string | number)[];

/** A line of a file of options. */
export interface ConfigEntry {
  readonly key: string;
  readonly value: JsonValue;
  /** Line of the key, from 1. */
  readonly line: number;
}

/** Bytes that a file of options has at most: it is written by hand. */
const MOST_BYTES = 1 << 20;

/**
 * The entries of a file that holds one object of strings, numbers, booleans and lists of strings or numbers.
 *
 * @throws {ConfigError} if it cannot be read, is no such object, or has a key twice; the message says the line.
 *
 * @example
 * ```ts
 * import { readConfigFile } from "./mod.ts";
 *
 * Deno.writeTextFileSync("mine.jsonc", `{ "batch": 32, }`);
 * const [entry] = readConfigFile("mine.jsonc");
 * console.assert(entry!.key === "batch" && entry!.value === 32 && entry!.line === 1);
 * ```
 */
export function readConfigFile(path: string): ConfigEntry[] {
  const source = readText(path);
  const lineOf = (offset: number) => source.slice(0, offset).split("\n").length;
  const errors: ParseError[] = [];
  const root = parseTree(source, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) {
    const what = printParseErrorCode(error.error).replaceAll(/(?<!^)[A-Z]/g, " $&").toLowerCase();
    throw new ConfigError(`Cannot read ${path} as JSON: ${what} in line ${lineOf(error.offset)}`);
  }
  if (root?.type !== "object") {
    throw new ConfigError(
      `Cannot take options from ${path}: it holds no object`,
    );
  }
  const entries = new Map<string, ConfigEntry>();
  for (const property of root.children ?? []) {
    const [name, node] = property.children!;
    const key = String(name!.value);
    const line = lineOf(property.offset);
    const value: unknown = getNodeValue(node!);
    if (entries.has(key)) {
      throw new ConfigError(
        `Cannot take options from ${path}: ${key} is there twice (line ${line})`,
      );
    }
    if (!isValue(value)) {
      throw new ConfigError(
        `Cannot take ${key} from ${path}, line ${line}: ${JSON.stringify(value)} is no string, ` +
          "number, boolean or list of such; leave an option out for its default",
      );
    }
    entries.set(key, { key, value, line });
  }
  return [...entries.values()];
}

function readText(path: string): string {
  try {
    const { size, isFile } = Deno.statSync(path);
    if (!isFile) throw new ConfigError(`Cannot read options from ${path}: it is no file`);
    if (size > MOST_BYTES) {
      throw new ConfigError(
        `Cannot read options from ${path}: ${size} bytes are too many for that`,
      );
    }
    return Deno.readTextFileSync(path);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const missing = cause instanceof Deno.errors.NotFound;
    const why = missing ? "there is no such file" : String(cause);
    throw new ConfigError(`Cannot read options from ${path}: ${why}`, { cause });
  }
}

function isValue(value: unknown): value is JsonValue {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === "string" || typeof item === "number");
  }
  return typeof value === "string" || typeof value === "boolean" ||
    (typeof value === "number" && Number.isFinite(value));
}
