/** An event file that TensorBoard reads while it grows. */
import { join } from "node:path";
import { encodeEvent, type EventContent } from "./event.ts";
import { frameRecord } from "./record.ts";

/** Gives the time in milliseconds since 1970. */
export type Clock = () => number;

/** An open file. Every event is written when it is told. */
export class EventFile implements Disposable {
  readonly path: string;
  readonly #file: Deno.FsFile;
  readonly #now: Clock;

  /**
   * Makes a new file in `folder`, which is made as well.
   *
   * @param step that training starts after: what other files of the folder tell from there on is dropped by readers.
   */
  constructor(folder: string, { step, now = Date.now }: { step: number; now?: Clock }) {
    Deno.mkdirSync(folder, { recursive: true });
    this.#now = now;
    const seconds = String(Math.floor(now() / 1000)).padStart(10, "0"); // readers go by the names' order
    let path = "";
    for (let i = 0; path === "" || exists(path); i++) {
      path = join(folder, `events.out.tfevents.${seconds}.${i}.ccmim`);
    }
    this.path = path;
    this.#file = Deno.openSync(path, { createNew: true, write: true });
    this.write(0, { kind: "version" });
    if (step > 0) this.write(step + 1, { kind: "start" });
  }

  /** Appends an event. */
  write(step: number, content: EventContent): void {
    const record = frameRecord(encodeEvent({ time: this.#now() / 1000, step }, content));
    for (let done = 0; done < record.length;) done += this.#file.writeSync(record.subarray(done));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
