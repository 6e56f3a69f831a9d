/**
 * The process in which inputs are read, so that what crashes or hangs ends nobody else. It is started with the reader's module,
 * its name, the seed and a folder to work in; then each line that it is sent is the number of an input, and is answered by a
 * line of JSON, a {@linkcode Verdict} and the seconds that reading took.
 */
import { TextLineStream } from "./lines.ts";
import { type Files, mutated } from "./mutate.ts";
import { countRequests, takeLargestRequest } from "./requests.ts";
import { type Reader, tryInput, type Verdict } from "./reader.ts";

/** What the worker answers. */
export interface Answer {
  readonly verdict: Verdict;
  readonly seconds: number;
  /** Most memory that was asked for at once, in bytes. */
  readonly request: number;
}

/** What is sent in place of a number to have a valid input read: nothing that came before may have changed what it gives. */
export const CONTROL = "control";

/** Inputs between two collections of garbage. */
const COLLECT_EVERY = 64;

async function main([module, name, seed, work]: readonly string[]): Promise<void> {
  const { READERS } = await import(module!) as { READERS: readonly Reader[] };
  countRequests();
  const reader = READERS.find((reader) => reader.name === name)!;
  const valid = await reader.valid(`${work}/valid`);
  const known = await readAll(reader, valid, work!);
  tell(verdictOf(known));
  for await (const line of Deno.stdin.readable.pipeThrough(new TextLineStream())) {
    const began = performance.now();
    if (line === CONTROL) {
      const now = await readAll(reader, valid, work!);
      const changed = now.findIndex(({ text }, i) => text !== known[i]!.text);
      const text = `valid input ${changed} is read otherwise than before: ${now[changed]?.text}`;
      tell(changed < 0 ? { kind: "accepted", text: "" } : { kind: "failed", text }, began);
    } else {
      if (Number(line) % COLLECT_EVERY === 0) collectGarbage(); // so that memory is what is held
      const files = mutated(valid, reader.dialect, { seed: Number(seed), number: Number(line) });
      tell(await tryInput(reader, files, `${work}/input`), began);
    }
  }
}

async function readAll(reader: Reader, valid: readonly Files[], work: string): Promise<Verdict[]> {
  const verdicts = [];
  for (const files of valid) verdicts.push(await tryInput(reader, files, `${work}/input`));
  return verdicts;
}

/** A reader that refuses a valid input is of no use. */
function verdictOf(known: readonly Verdict[]): Verdict {
  const wrong = known.find(({ kind }) => kind !== "accepted");
  return wrong === undefined
    ? { kind: "accepted", text: "" }
    : { kind: "failed", text: `a valid input is ${wrong.kind}: ${wrong.text}` };
}

/** Where the process was started with `--expose-gc`. */
function collectGarbage(): void {
  const { gc } = globalThis as { readonly gc?: () => void };
  gc?.();
}

function tell(verdict: Verdict, began = performance.now()): void {
  const seconds = (performance.now() - began) / 1000;
  const answer: Answer = { verdict, seconds, request: takeLargestRequest() };
  const bytes = new TextEncoder().encode(`${JSON.stringify(answer)}\n`);
  for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
}

if (import.meta.main) await main(Deno.args);
