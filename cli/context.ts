/** What a running command may do to the terminal, and how it learns that it should stop. */
import { Progress, type ProgressOptions } from "./progress.ts";
import { Screen } from "./screen.ts";
import type { Terminal } from "./terminal.ts";

/** Handed to every command. All of it writes to standard error; the result is what `run` returns. */
export interface Context {
  /** Fires at the first SIGINT or SIGTERM: finish what is under way, save, throw. */
  readonly signal: AbortSignal;
  /** Starts a progress report; hold it with `using`. */
  progress(options: ProgressOptions): Progress;
  /** Says something that stays readable above the bar. */
  note(text: string): void;
  /** The same for what went wrong without stopping the command. */
  warn(text: string): void;
}

/** The context of one run of a command. */
export function createContext(terminal: Terminal, signal: AbortSignal): Context {
  const screen = new Screen(terminal);
  return {
    signal,
    progress: (options) => new Progress(screen, options),
    note: (text) => screen.line(text),
    warn: (text) => screen.line(`warning: ${text}`),
  };
}
