/** The error of input that cannot be used. */

/**
 * Input data that is missing, damaged or not laid out as it must be. What a caller that talks to people
 * shows as it is, apart from errors of the program itself.
 */
export class DataError extends Error {
  /** Name of the class. */
  override readonly name = "DataError";
}

/**
 * A way to work so that what fails is said to be the input's fault: the result, or a {@linkcode DataError} of the reason after
 * `message`.
 *
 * @internal
 */
export function naming(message: string): <T>(work: () => T | Promise<T>) => Promise<T> {
  return async (work) => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DataError(`${message}: ${why}`, { cause });
    }
  };
}

/** There is no room for what is written; its name is that of all errors of the environment. */
export class DiskFullError extends Error {
  /** Name of the class. */
  override readonly name = "EnvironmentError";
}

/**
 * The error as one that says what could not be written, if it is that the disk is full; else as it is.
 *
 * @internal
 */
export function namedIfFull(error: unknown, target: string): unknown {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new DiskFullError(`Cannot write ${target}: the disk is full`, { cause: error });
}

/** The work was stopped, and the next run goes on with it; its name is that of all such errors. */
export class StoppedError extends Error {
  /** Name of the class. */
  override readonly name = "InterruptedError";
}

/** A library is missing that this machine would need; its name is that of all errors of the environment. */
export class MissingDecoderError extends Error {
  /** Name of the class. */
  override readonly name = "EnvironmentError";
}
