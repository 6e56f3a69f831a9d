/** SIGINT and SIGTERM: the first asks the command to stop, the second ends the process at once. */

/** Exit codes of a process that a signal ended: 128 + the signal's number. */
const NUMBERS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Listens until it is disposed. */
export class Signals implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners: readonly (readonly [keyof typeof NUMBERS, () => void])[];

  /** @param exit ends the process; a test passes its own. */
  constructor(exit?: (code: number) => void) {
    const names = Object.keys(NUMBERS) as (keyof typeof NUMBERS)[];
    this.#listeners = names.map((name) =>
      [name, () => this.receive(name, exit ?? (() => this.#die(name)))] as const
    );
    for (const [name, listener] of this.#listeners) Deno.addSignalListener(name, listener);
  }

  /** Fires at the first signal; its reason is an `AbortError` that says which. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What happens when a signal arrives. */
  receive(name: keyof typeof NUMBERS, exit: (code: number) => void): void {
    if (this.signal.aborted) exit(NUMBERS[name]);
    else this.#controller.abort(new DOMException(`Interrupted by ${name}`, "AbortError"));
  }

  /**
   * Ends the process by the signal itself. An orderly exit would take native libraries apart while another thread computes with
   * them, and crash.
   */
  #die(name: keyof typeof NUMBERS): void {
    this[Symbol.dispose]();
    Deno.kill(Deno.pid, name);
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) Deno.removeSignalListener(name, listener);
  }
}
