import type { Terminal } from "../../cli/terminal.ts";

/** A terminal that keeps what is written and whose clock is set by hand. */
export class FakeTerminal implements Terminal {
  stdout = "";
  stderr = "";
  time = 0;

  constructor(readonly interactive = false, readonly width = 100) {}

  out(text: string): void {
    this.stdout += text;
  }
  err(text: string): void {
    this.stderr += text;
  }
  columns(): number {
    return this.width;
  }
  now(): number {
    return this.time;
  }
}
