/** Where a command writes: the process's own streams, or a test's. */

/** The two output streams and the clock. */
export interface Terminal {
  /** Writes text to standard output, as it is. */
  out(text: string): void;
  /** Writes text to standard error, as it is. */
  err(text: string): void;
  /** True if standard error is a terminal, where a line can be drawn over. */
  readonly interactive: boolean;
  /** Width in columns. */
  columns(): number;
  /** Milliseconds since some fixed moment. */
  now(): number;
}

/** Writes all of `text`; a reader that has gone (`| head`) is no error of ours. */
function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Width where no terminal tells one. */
const UNKNOWN_COLUMNS = 100;

/** The process's streams. */
export function systemTerminal(): Terminal {
  const interactive = Deno.stderr.isTerminal();
  return {
    out: (text) => write(Deno.stdout, text),
    err: (text) => write(Deno.stderr, text),
    interactive,
    columns: () => {
      try {
        return Deno.consoleSize().columns || UNKNOWN_COLUMNS;
      } catch {
        return UNKNOWN_COLUMNS; // no terminal on any stream
      }
    },
    now: () => performance.now(),
  };
}
