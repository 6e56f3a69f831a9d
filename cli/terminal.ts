/** Where a command writes: the process's own streams, or a test's. */

/** The two output streams and the clock. */
export interface Terminal {
  /** Writes text to standard output, as it is. */
  out(text: string): void;
  /** Writes text to standard error, as it is. */
  err(text: string): void;
  /** True if standard error is a terminal where lines can be drawn over, and nobody asked for plain text. */
  readonly interactive: boolean;
  /** Width in columns. */
  columns(): number;
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Calls `listener` whenever the width changes, until what is returned is called. Left out where nobody tells. */
  onResize?(listener: () => void): () => void;
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

/** True if text is to be plain: `NO_COLOR` is set (no-color.org), or the terminal cannot do more. */
function isPlain(): boolean {
  return (Deno.env.get("NO_COLOR") ?? "") !== "" || Deno.env.get("TERM") === "dumb";
}

/** The process's streams. */
export function systemTerminal(): Terminal {
  const interactive = Deno.stderr.isTerminal() && !isPlain();
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
    ...interactive && Deno.build.os !== "windows" ? { onResize } : {},
  };
}

/** Windows has no such signal. */
function onResize(listener: () => void): () => void {
  Deno.addSignalListener("SIGWINCH", listener);
  return () => Deno.removeSignalListener("SIGWINCH", listener);
}
