/** `--config FILE`: options in a file, below those of the command line. */
import { findSimilar } from "@optique/core/suggestion";
import type { Usage } from "@optique/core/usage";
import {
  type ConfigEntry,
  ConfigError,
  type JsonValue,
  readConfigFile,
} from "../lib/recipes/mod.ts";

/** An option as the command's parser has it. */
export interface KnownOption {
  /** All its names, as in `--paste` and `--no-paste`. */
  readonly names: readonly string[];
  /** What stands for its value in help; undefined for a flag. */
  readonly metavar: string | undefined;
  readonly multiple: boolean;
}

/** A command line with a file's options in it. */
export interface Configured {
  readonly args: readonly string[];
  /** The file, if there is one. */
  readonly file: string | undefined;
  /** By the name of an option without dashes: what the file says and the command line does not. */
  readonly entries: ReadonlyMap<string, ConfigEntry>;
}

/** What decides how a file is read. */
export interface ConfigurableCommand {
  readonly usage: Usage;
  /** Pairs of options of which one is given in place of the other, without dashes. */
  readonly exclusive: readonly (readonly [string, string])[];
}

/** Options that a file may not hold: they say what to do now. */
const OF_A_CALL = ["--config", "--print-config", "--json", "--help", "--resume", "--dry-run"];

/** Options of a usage, in its order. */
function knownOptions(usage: Usage, multiple = false): KnownOption[] {
  return usage.flatMap((term): KnownOption[] => {
    if (term.type === "option") {
      return [{ names: term.names, metavar: term.metavar, multiple }];
    }
    if (term.type === "exclusive") {
      return term.terms.flatMap((terms) => knownOptions(terms, multiple));
    }
    if (!("terms" in term)) return [];
    return knownOptions(term.terms as Usage, multiple || term.type === "multiple");
  });
}

/**
 * `args`, a command's name and its options, with those of the file that `--config` names put before them. An option of the
 * command line replaces the file's, and so does one that stands in its place (`--steps` for `epochs`).
 *
 * @throws {ConfigError} if the file cannot be read, or holds what is no option of the command or no value for it.
 */
export function applyConfigFile(
  args: readonly string[],
  { usage, exclusive }: ConfigurableCommand,
): Configured {
  const file = valueOf(args, "--config");
  if (file === undefined) return { args, file, entries: new Map() };
  const options = knownOptions(usage);
  const find = (name: string) => options.find(({ names }) => names.includes(name));
  const given = new Set<string>();
  for (const token of args) {
    for (const name of find(token.split("=", 1)[0]!)?.names ?? []) given.add(name.slice(2));
  }
  for (const pair of exclusive) {
    if (pair.some((name) => given.has(name))) { for (const name of pair) given.add(name); }
  }

  const entries = new Map<string, ConfigEntry>();
  const tokens: string[] = [];
  for (const entry of readConfigFile(file)) {
    const option = find(`--${entry.key}`);
    if (option === undefined || entry.key.startsWith("no-")) {
      throw new ConfigError(describeUnknown(entry, { file, options }));
    }
    if (OF_A_CALL.includes(`--${entry.key}`)) {
      throw new ConfigError(
        `Cannot take ${entry.key} from ${file}, line ${entry.line}: it is for the command line alone`,
      );
    }
    const written = write(entry, { option, file });
    if (given.has(entry.key)) continue;
    entries.set(entry.key, entry);
    tokens.push(...written);
  }
  return { args: [args[0]!, ...tokens, ...args.slice(1)], file, entries };
}

/** `message` of a wrong option, with where the file says it. */
export function blameFile(message: string, { file, entries }: Configured): string {
  const said = [...entries].filter(([key]) => {
    return new RegExp(`--(no-)?${key}(?![a-z-])`).test(message);
  }).map(([key, { line }], i) => `${key} is in ${i === 0 ? `${file}, ` : ""}line ${line}`);
  return said.length === 0 ? message : `${message} (${said.join(", ")})`;
}

function valueOf(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((token) => token === name || token.startsWith(`${name}=`));
  if (at < 0) return undefined;
  const token = args[at]!;
  return token === name ? args[at + 1] : token.slice(name.length + 1);
}

function describeUnknown(
  { key, line }: ConfigEntry,
  { file, options }: { file: string; options: readonly KnownOption[] },
): string {
  const known = options.flatMap(({ names }) => names)
    .filter((name) => name.startsWith("--") && !name.startsWith("--no-"))
    .filter((name) => !OF_A_CALL.includes(name))
    .map((name) => name.slice(2));
  const kebab = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll(
    "_",
    "-",
  );
  const nearest = known.includes(kebab)
    ? kebab
    : findSimilar(kebab, known, { maxSuggestions: 1 })[0];
  const hint = nearest === undefined ? "" : `: did you mean ${nearest}?`;
  return `Cannot take ${key} from ${file}, line ${line}: there is no such option${hint}`;
}

/** An entry as words of the command line. */
function write(
  { key, value, line }: ConfigEntry,
  { option, file }: { option: KnownOption; file: string },
): string[] {
  const refuse = (wanted: string): never => {
    throw new ConfigError(
      `Cannot take ${key} from ${file}, line ${line}: it must be ${wanted} and is ${
        JSON.stringify(value)
      }`,
    );
  };
  const { metavar, multiple, names } = option;
  if (metavar === undefined) {
    if (typeof value !== "boolean") return refuse("true or false");
    if (value) return [`--${key}`];
    return names.includes(`--no-${key}`) ? [`--no-${key}`] : [];
  }
  const values = multiple && Array.isArray(value) ? value as readonly (string | number)[] : [value];
  return values.map((item) => `--${key}=${writeValue(item, { metavar, refuse })}`);
}

/** What stands in help for values that are numbers, or may be. */
const NUMBERS = ["N", "X"], LISTS = ["X,Y", "N,N"], LENGTHS = ["DURATION", "TIME"];

function writeValue(
  value: JsonValue,
  { metavar, refuse }: { metavar: string; refuse: (wanted: string) => never },
): string {
  const numeric = typeof value === "string" && value.trim() !== "" &&
    Number.isFinite(Number(value));
  if (NUMBERS.includes(metavar)) {
    return typeof value === "boolean" || Array.isArray(value) || numeric
      ? refuse("a number")
      : String(value);
  }
  if (LISTS.includes(metavar)) return Array.isArray(value) ? value.join() : String(value);
  if (typeof value === "string") return value;
  if (LENGTHS.includes(metavar) && typeof value === "number") return String(value);
  return refuse("a string");
}
