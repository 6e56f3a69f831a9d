/** Writing in few calls what comes in many pieces: of small records, the calls take as long as decoding. */
import { writeAt } from "./positioned.ts";

/** What is still to be written. */
interface Run {
  readonly file: Deno.FsFile;
  readonly at: number;
  bytes: Uint8Array;
}

/** Writes pieces at places in files. Those that follow one another in memory as in their file are written at once. */
export class RunWriter {
  #run: Run | undefined;

  /** Writes `bytes` at byte `at`, at the latest when `end` is called: until then they must stay as they are. */
  write(file: Deno.FsFile, at: number, bytes: Uint8Array): void {
    if (this.#run !== undefined && extend(this.#run, { file, at, bytes })) return;
    this.end();
    this.#run = { file, at, bytes };
  }

  /** Writes what is still to be written. */
  end(): void {
    if (this.#run === undefined) return;
    const { file, at, bytes } = this.#run;
    writeAt(file, at, bytes);
    this.#run = undefined;
  }
}

/** Adds what follows a run in memory and in its file. @returns whether it does. */
function extend(run: Run, { file, at, bytes }: Run): boolean {
  const { buffer, byteOffset, length } = run.bytes;
  const follows = file === run.file && at === run.at + length &&
    bytes.buffer === buffer && bytes.byteOffset === byteOffset + length;
  if (follows) run.bytes = new Uint8Array(buffer, byteOffset, length + bytes.length);
  return follows;
}
