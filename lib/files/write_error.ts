/** Why something could not be written, in words. */

/** What is written cannot be, for a reason that lies with the machine; its name is that of all errors of the environment. */
export class WriteError extends Error {
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

/**
 * The result of `write`; where the system refuses, an error that says what could not be written and why.
 *
 * @param what names it, as in `Cannot write <what>: the disk is full`.
 * @param hint says what to do, after a semicolon; nothing unless given.
 * @throws {WriteError} for what the system refuses; everything else as it is.
 */
export function explainWrites<T>(what: string, write: () => T, hint?: string): T {
  try {
    return write();
  } catch (error) {
    const { code } = (error ?? {}) as { readonly code?: unknown };
    const reason = typeof code === "string" ? REASONS[code] : undefined;
    if (reason === undefined) throw error;
    const advice = hint === undefined ? "" : `; ${hint}`;
    throw new WriteError(`Cannot write ${what}: ${reason}${advice}`, { cause: error });
  }
}
