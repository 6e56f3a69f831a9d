/** Standard error as lines that stay and, on a terminal, one status line that is drawn over. */
import type { Terminal } from "./terminal.ts";

/** Keeps the status line at the bottom: a line that stays is printed above it. */
export class Screen {
  #status = "";

  constructor(readonly terminal: Terminal) {}

  /** Prints a line that stays. */
  line(text: string): void {
    const status = this.#status;
    this.status("");
    this.terminal.err(`${text}\n`);
    this.status(status);
  }

  /** Draws the status line, cut to the terminal's width; "" removes it. Nothing where there is no terminal. */
  status(text: string): void {
    if (!this.terminal.interactive || text === this.#status) return;
    const shown = text.slice(0, Math.max(0, this.terminal.columns() - 1));
    this.terminal.err(`\r\x1b[2K${shown}`);
    this.#status = text;
  }
}
