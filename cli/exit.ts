/** Exit codes, and which error ends in which. */

/** What the process says when it ends. 75 is sysexits' EX_TEMPFAIL: run again to go on. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  data: 3,
  environment: 4,
  diverged: 5,
  interrupted: 75,
} as const;

/** One of the codes in {@linkcode EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * Name of an error class -> code. By name and not by class, because an error that comes out of a Worker
 * has kept its name only.
 */
const CODES: Readonly<Record<string, ExitCode>> = {
  ConfigError: EXIT.usage,
  LockedError: EXIT.usage,
  DataError: EXIT.data,
  EnvironmentError: EXIT.environment,
  OutOfMemoryError: EXIT.environment,
  DivergedError: EXIT.diverged,
  InterruptedError: EXIT.interrupted,
  AbortError: EXIT.interrupted, // what AbortSignal.throwIfAborted() throws
};

/** The code that `error` ends in: its own name's, else that of the error it was caused by, else 1. */
export function exitCode(error: unknown): ExitCode {
  for (let e = error; e instanceof Error; e = e.cause) {
    const code = CODES[e.name];
    if (code !== undefined) return code;
  }
  return EXIT.failed;
}

/** What each code means. */
export const EXIT_CODES: readonly (readonly [ExitCode, string])[] = [
  [EXIT.done, "done"],
  [EXIT.usage, "usage"],
  [EXIT.data, "input data"],
  [EXIT.environment, "environment"],
  [EXIT.diverged, "diverged"],
  [EXIT.interrupted, "interrupted (pretrain goes on with --resume, prepare as it is)"],
  [EXIT.failed, "anything else"],
];

/** The codes as help shows them. */
export const EXIT_HELP = `Exit codes: ${
  EXIT_CODES.map(([code, meaning]) => `${code} ${meaning}`).join(", ")
}.`;
