import type { Terminal } from "../../cli/terminal.ts";

/** A terminal that shows what is written, as far as progress uses one; lines wrap again when its width changes. */
export class ScreenTerminal implements Terminal {
  readonly interactive = true;
  time = 0;
  /** Everything that was written, and how often. */
  written = "";
  writes = 0;
  #width: number;
  /** Lines from the top; each was ended by a line feed but the last. */
  #lines: string[][] = [[]];
  /** The line and the column that the cursor is in. */
  #at = { line: 0, column: 0 };
  readonly #listeners = new Set<() => void>();

  constructor(width: number) {
    this.#width = width;
  }

  get listeners(): number {
    return this.#listeners.size;
  }
  out(): void {}
  columns(): number {
    return this.#width;
  }
  now(): number {
    return this.time;
  }
  onResize(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes the width as a user does. */
  resize(width: number): void {
    this.#width = width;
    for (const listener of this.#listeners) listener();
  }

  /** What can be seen, without what is blank at the ends of lines. */
  rows(): string[] {
    return this.#lines.map((line) => line.join("").trimEnd());
  }

  err(text: string): void {
    this.written += text;
    this.writes++;
    // deno-lint-ignore no-control-regex
    for (const part of text.split(/(\x1b\[\??\d*[A-Za-z]|[\r\n])/)) this.#write(part);
  }

  #write(part: string): void {
    const { line, column } = this.#at;
    if (part === "\r") this.#at.column = 0;
    else if (part === "\n") {
      this.#at = { line: line + 1, column: 0 };
      this.#lines[line + 1] ??= [];
    } else if (part === "\x1b[K") {
      this.#lines[line]!.length = Math.min(column, this.#lines[line]!.length);
    } else if (part === "\x1b[J") {
      this.#lines[line]!.length = Math.min(column, this.#lines[line]!.length);
      this.#lines.length = line + 1;
    } else if (part.startsWith("\x1b[") && part.endsWith("A")) this.#up(Number(part.slice(2, -1)));
    else if (!part.startsWith("\x1b")) {
      for (const letter of part) this.#lines[line]![this.#at.column++] = letter;
    }
  }

  /** Up so many rows; a line that is longer than the width takes several. */
  #up(rows: number): void {
    const rowsOf = (line: string[]) => Math.max(1, Math.ceil(line.length / this.#width));
    let left = rows - (rowsOf(this.#lines[this.#at.line]!) - 1);
    while (left > 0) left -= rowsOf(this.#lines[--this.#at.line]!);
  }
}
