/** `--print-config`: every option of a run, its value, and where that comes from. */
import {
  type ConfigEntry,
  type Duration,
  flagOf,
  type Setting,
  showDuration,
} from "../lib/recipes/mod.ts";
import type { Report } from "./command.ts";
import type { Configured } from "./config_flags.ts";

/** What a command says of the run that it would make. */
export interface Explanation {
  /** Lines for a person. */
  readonly about: readonly string[];
  readonly settings: readonly Setting[];
}

/** What was typed that is no setting. */
const OF_A_CALL = ["resume", "dryRun", "force"];

/**
 * The report of `--print-config`: a file that `--config` takes, with the source of each value behind it.
 *
 * @param given the command's options as they were parsed, by name.
 */
export function printConfig(
  { about, settings }: Explanation,
  { given, configured }: {
    readonly given: object;
    readonly configured: Configured;
  },
): Report {
  const explained = new Set(settings.map(({ option }) => option));
  const others = Object.entries<unknown>({ ...given }).flatMap(([option, value]): Setting[] => {
    const plain = plainValue(value);
    if (explained.has(option) || OF_A_CALL.includes(option) || plain === undefined) return [];
    return [{ option, value: plain, source: "given", of: "" }];
  });
  const rows = [...others, ...settings].map((setting) => {
    const name = flagOf(setting.option).slice(2);
    return { name, value: setting.value, from: describe(setting, { name, configured }) };
  });
  const entries = rows.map(({ name, value, from }) =>
    value === null
      ? { text: `// ${JSON.stringify(name)}: none`, from }
      : { text: `${JSON.stringify(name)}: ${JSON.stringify(value)},`, from }
  );
  const width = Math.max(...entries.map(({ text }) => text.length)) + 2;
  return {
    text: [
      ...about.map((line) => `// ${line}`),
      "{",
      ...entries.map(({ text, from }) =>
        `  ${text.padEnd(width)}${text.startsWith("//") ? "" : "// "}${from}`
      ),
      "}",
    ].join("\n"),
    json: {
      config: Object.fromEntries(rows.map(({ name, value, from }) => [name, { value, from }])),
    },
  };
}

/** Where a setting comes from, in words. */
function describe(
  { source, of }: Setting,
  { name, configured: { file, entries } }: { name: string; configured: Configured },
): string {
  if (source !== "given") return of === "" ? source : `${source} ${of}`;
  const entry: ConfigEntry | undefined = entries.get(name);
  return entry === undefined ? "flag" : `${file}, line ${entry.line}`;
}

/** A parsed option as JSON would have it; undefined if it was not given. */
function plainValue(value: unknown): Setting["value"] | undefined {
  if (value === undefined || value === false) return undefined;
  if (typeof value === "string" || typeof value === "number" || value === true) return value;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.join();
  if (isDuration(value)) return showDuration(value);
  return typeof value === "object" && value !== null && "minutes" in value
    ? `${value.minutes}min`
    : undefined;
}

function isDuration(value: unknown): value is Duration {
  return typeof value === "object" && value !== null && "count" in value;
}
