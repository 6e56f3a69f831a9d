/** Arguments of tasks: what is parsed, or one line that says what is wrong. */
import { parseArgs, type ParseArgsConfig } from "node:util";

/** Ends the process with a line on standard error. */
export function fail(message: string, code: number): never {
  console.error(message);
  Deno.exit(code);
}

/**
 * The process's arguments. `--help` prints the usage and ends with 0; what cannot be parsed ends with 2.
 *
 * @param usage one line, with the task's name: `deno task bench [--turns n]`.
 */
export function taskArguments<const T extends Omit<ParseArgsConfig, "args">>(
  usage: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  if (Deno.args.includes("--help")) {
    console.log(`usage: ${usage}`);
    Deno.exit(0);
  }
  try {
    return parseArgs<T>({ ...config, args: Deno.args });
  } catch (error) {
    return fail(`${(error as Error).message}\nusage: ${usage}`, 2);
  }
}

/** A whole number of at least 1. */
export function count(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  return fail(`Cannot use ${text} as ${flag}: it must be a whole number of at least 1`, 2);
}

/** A number above 0. */
export function positive(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  return fail(`Cannot use ${text} as ${flag}: it must be a number above 0`, 2);
}

/** Some of the names that there are, separated by commas. */
export function names<T extends string>(flag: string, text: string, known: readonly T[]): T[] {
  return text.split(",").map((name) =>
    known.find((other) => other === name) ??
      fail(`Cannot use ${name} as ${flag}: there are ${known.join(", ")}`, 2)
  );
}
