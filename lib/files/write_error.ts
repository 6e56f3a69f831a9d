/** Why something could not be written, in words. */

/** What is written cannot be, for a reason that lies with the machine; its name is that of all errors of the environment. */
export class WriteError extends Error {
  /** Name of the class. */
  override readonly name = "EnvironmentError";
}

/** What the system's error codes mean to who reads the message. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than is allowed",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  EIO: "the disk fails",
};

/** Numbers of the same errors on Linux: Deno gives some of them no code, and says the number at the end of the message. */
const NUMBERS: Readonly<Record<string, string>> = {
  1: "EPERM",
  5: "EIO",
  13: "EACCES",
  27: "EFBIG",
  28: "ENOSPC",
  30: "EROFS",
  122: "EDQUOT",
};

/**
 * The result of `write`; where the system refuses, an error that says what could not be written and why. Of several around each
 * other the outermost says it.
 *
 * @param what names it, as in `Cannot write <what>: the disk is full`.
 * @param hint says what to do, after a semicolon; nothing unless given.
 * @throws {WriteError} for what the system refuses; everything else as it is.
 *
 * @example
 * ```ts
 * import { explainWrites } from "./mod.ts";
 *
 * explainWrites("the results", () => Deno.writeTextFileSync("results.txt", "42"));
 * ```
 */
export function explainWrites<T>(what: string, write: () => T, hint?: string): T {
  try {
    return write();
  } catch (error) {
    const cause = error instanceof WriteError ? error.cause : error;
    const reason = REASONS[codeOf(cause) ?? ""];
    if (reason === undefined) throw error;
    const advice = hint === undefined ? "" : `; ${hint}`;
    throw new WriteError(`Cannot write ${what}: ${reason}${advice}`, { cause });
  }
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { readonly code?: unknown };
  if (typeof code === "string") return code;
  const number = /\(os error (\d+)\)/.exec(error.message)?.[1];
  return Deno.build.os === "linux" && number !== undefined ? NUMBERS[number] : undefined;
}
