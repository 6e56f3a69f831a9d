/** A worker process under watch: a reader that hangs, crashes or eats memory takes the process with it, and no more. */
import { fileURLToPath as fromFileUrl } from "node:url";
import { TextLineStream } from "./lines.ts";
import type { Answer } from "./worker.ts";

/** What an input may take. */
export interface Bounds {
  /** Wall time until a worker counts as hanging. */
  readonly seconds: number;
  /** Resident memory beyond what the worker has before its first input. */
  readonly residentBytes: number;
  /** Memory that is asked for at once, whether or not it is ever written. */
  readonly requestBytes: number;
}

/** What came of an input: an answer, or the end of the worker. */
export type Outcome = Answer | { readonly ended: End; readonly said: string };

/** How a worker ends early. */
export type End = "crashed" | "hung" | "too much memory";

/** Characters that are kept of what a worker says at its end. */
const LAST_WORDS = 2000;

/** Seconds that a worker may take to start. */
const START = 60;

/** How often a worker's memory is looked at while it reads. */
const WATCH_MILLISECONDS = 20;

/** A started worker. */
export class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #bounds: Bounds;
  readonly #listening: Promise<void>;
  #said = "";
  #base = 0;
  #openAtStart = 0;
  /** Most resident memory beyond the start's, in bytes; 0 where the system does not tell. */
  peak = 0;

  private constructor(process: Deno.ChildProcess, bounds: Bounds) {
    this.#process = process;
    this.#bounds = bounds;
    this.#lines = process.stdout.pipeThrough(new TextLineStream()).getReader();
    this.#writer = process.stdin.getWriter();
    this.#listening = this.#listen();
  }

  /** Starts a worker. @throws {Error} if it does not start, or its reader refuses valid inputs. */
  static async start(
    { module, reader, seed, work }: {
      readonly module: string;
      readonly reader: string;
      readonly seed: number;
      readonly work: string;
    },
    bounds: Bounds,
  ): Promise<Child> {
    const root = fromFileUrl(new URL("../../", import.meta.url));
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        "--no-prompt",
        "--v8-flags=--expose-gc",
        `--config=${root}deno.json`,
        `--allow-read=${work},${root},${cacheFolder()}`, // whatever else is read or written is a failure
        `--allow-write=${work}`,
        "--allow-env",
        "--allow-sys",
        "--allow-ffi",
        fromFileUrl(new URL("./worker.ts", import.meta.url)),
        module,
        reader,
        String(seed),
        work,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const child = new Child(process, bounds);
    const ready = await child.#answer(START);
    if ("ended" in ready) {
      throw new Error(`Cannot start a worker for ${reader}: it ${ready.ended}: ${ready.said}`);
    }
    if (ready.verdict.kind === "failed") {
      throw new Error(`Cannot fuzz ${reader}: ${ready.verdict.text}`);
    }
    child.#base = peakOf(process.pid);
    child.#openAtStart = openFiles(process.pid);
    return child;
  }

  /** Has one input read. After an outcome that says how the worker ended, it is of no more use. */
  async ask(line: string): Promise<Outcome> {
    forgetPeak(this.#process.pid);
    await this.#writer.write(new TextEncoder().encode(`${line}\n`)).catch(() => {});
    return await this.#answer(this.#bounds.seconds);
  }

  /** Files that are open beyond those at the start. */
  get filesLeftOpen(): number {
    return openFiles(this.#process.pid) - this.#openAtStart;
  }

  async #answer(seconds: number): Promise<Outcome> {
    const { pid } = this.#process;
    const deadline = performance.now() + 1000 * seconds;
    const line = this.#lines.read();
    line.catch(() => {});
    for (;;) {
      const tick = Promise.withResolvers<"tick">();
      const timer = setTimeout(() => tick.resolve("tick"), WATCH_MILLISECONDS);
      const next = await Promise.race([line, tick.promise]);
      clearTimeout(timer);
      const grown = this.#base === 0 ? 0 : peakOf(pid) - this.#base;
      this.peak = Math.max(this.peak, grown);
      if (grown > this.#bounds.residentBytes) return await this.#end("too much memory");
      if (next !== "tick") {
        return next.done ? await this.#end("crashed") : JSON.parse(next.value) as Answer;
      }
      if (performance.now() > deadline) return await this.#end("hung");
    }
  }

  async #end(ended: End): Promise<Outcome> {
    await this[Symbol.asyncDispose]();
    return { ended, said: this.#said };
  }

  async #listen(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#process.stderr) {
      this.#said = (this.#said + decoder.decode(bytes, { stream: true })).slice(-LAST_WORDS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it has ended
    }
    await this.#writer.close().catch(() => {});
    await this.#lines.cancel().catch(() => {});
    await this.#process.status;
    await this.#listening;
  }
}

/** A process's most resident memory since it was last forgotten; 0 where the system does not tell, which is all but Linux. */
function peakOf(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** How many files a process has open; 0 where the system does not tell. */
function openFiles(pid: number): number {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
  } catch {
    return 0;
  }
}

/** Lets the most resident memory be the present one (proc(5), clear_refs). */
function forgetPeak(pid: number): void {
  try {
    Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // then it is the most since the start
  }
}

/** Where Deno keeps packages, which the worker loads. */
function cacheFolder(): string {
  return Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
}
