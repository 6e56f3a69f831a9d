/** Standard error as lines that stay and, on a terminal, a few status lines below them that are drawn over. */
import { cutTo, widthOf } from "./style.ts";
import type { Terminal } from "./terminal.ts";

/** Shows all of an update at once, where the terminal knows how (mode 2026); others pass over it. */
const SYNCHRONISED = { begin: "\x1b[?2026h", end: "\x1b[?2026l" } as const;

const TO_LINE_END = "\x1b[K";
const TO_SCREEN_END = "\x1b[J";

/** Keeps the status at the bottom: a line that stays is printed above it. */
export class Screen {
  #status: readonly string[] = [];
  /** What was drawn last, cut to the width that the terminal had then. */
  #drawn: readonly string[] = [];

  constructor(readonly terminal: Terminal) {}

  /** Prints a line that stays. */
  line(text: string): void {
    if (this.#drawn.length === 0) return this.terminal.err(`${text}\n`);
    const rest = this.#cut();
    this.#write(`${text}${TO_SCREEN_END}\n${rest.join(`${TO_LINE_END}\n`)}${TO_LINE_END}`);
    this.#drawn = rest;
  }

  /**
   * Draws the status, each line cut to the terminal's width; [] removes it. Nothing where there is no terminal. Only what changed is
   * written over what was there, so that nothing flickers.
   */
  status(lines: readonly string[]): void {
    if (!this.terminal.interactive) return;
    this.#status = lines;
    const next = this.#cut();
    const isSame = next.length === this.#drawn.length &&
      next.every((line, i) => line === this.#drawn[i]);
    if (isSame) return;
    const rows = rowsOf(this.#drawn, this.terminal.columns());
    const isTaller = rows > next.length;
    this.#write(
      next.map((line) => line + TO_LINE_END).join("\n") + (isTaller ? TO_SCREEN_END : ""),
    );
    this.#drawn = next;
  }

  /** The status at the present width, one column free so that no line wraps. */
  #cut(): string[] {
    const columns = Math.max(0, this.terminal.columns() - 1);
    return this.#status.map((line) => cutTo(line, columns));
  }

  /** Writes from where the status begins on. */
  #write(text: string): void {
    const up = rowsOf(this.#drawn, this.terminal.columns()) - 1;
    const { begin, end } = SYNCHRONISED;
    this.terminal.err(`${begin}\r${up > 0 ? `\x1b[${up}A` : ""}${text}${end}`);
  }
}

/** Rows that lines take on a terminal of this width now: if it has become narrower, they have wrapped. */
function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
}
