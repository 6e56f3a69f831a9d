/** Runs that something happens to, again and again, until they are done. */
import { random, type Stream } from "../../lib/tensor/mod.ts";
import { bytesThatDiffer } from "./compare.ts";
import { ended, linesOf, type SmallRun, start } from "./pretraining.ts";

/** What came of a kind of fault. */
export interface FaultTally {
  readonly kind: string;
  /** How often it happened. */
  readonly faults: number;
  /** After how many of them the run went on. */
  readonly survived: number;
  /** Bytes in which the end differs from that of a run to which nothing happened. */
  readonly differing: number;
  /** Seconds from the fault to the end of the process, the most of all. */
  readonly slowest: number;
  /** What was said where the run did not go on. */
  readonly complaints: readonly string[];
}

/** Does something to a process that trains. @returns whether it ended as it should have. */
type Fault = (
  run: SmallRun,
  stream: Stream,
) => Promise<{ readonly isWell: boolean; readonly said: string; readonly seconds: number }>;

const seconds = (count: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, 1000 * count));

/** Waits until some more steps are done, so that all moments come up and the run gets on; or until the process has ended. */
async function moment(run: SmallRun, child: Deno.ChildProcess, stream: Stream): Promise<void> {
  let isOver = false;
  child.status.then(() => isOver = true);
  if (stream.below(5) === 0) return await seconds(stream.uniform()); // while it starts
  const before = linesOf(run.out);
  const steps = 1 + stream.below(40);
  while (!isOver && linesOf(run.out) < before + steps) await seconds(0.01);
  await seconds(0.03 * stream.uniform()); // anywhere in a step, an evaluation, a checkpoint
}

/** Kills it without warning. */
const killed: Fault = async (run, stream) => {
  const child = start(run);
  await moment(run, child, stream);
  send(child, "SIGKILL");
  await ended(child);
  return { isWell: true, said: "", seconds: 0 };
};

/** Asks it to stop, as a scheduler does. */
const terminated: Fault = async (run, stream) => {
  const child = start(run);
  const output = ended(child);
  await listening(run, child, stream);
  const began = performance.now();
  send(child, "SIGTERM");
  const { code, said } = await output;
  // Once the last step is done nobody listens any more
  const isWell = [0, 75].includes(code) || (code === 143 && said.includes("(100%)"));
  return { isWell, said: `code ${code}: ${said}`, seconds: (performance.now() - began) / 1000 };
};

/** Asks it twice, at once. */
const terminatedTwice: Fault = async (run, stream) => {
  const child = start(run);
  const output = ended(child);
  await listening(run, child, stream);
  send(child, "SIGTERM");
  await seconds(0.001 * stream.below(5));
  const began = performance.now();
  send(child, "SIGTERM");
  const { code, said } = await output;
  const isWell = [0, 75, 143].includes(code);
  return { isWell, said: `code ${code}: ${said}`, seconds: (performance.now() - began) / 1000 };
};

/** Lets no file grow beyond some size. */
const unwritable: Fault = async (run, stream) => {
  const { code, said } = await ended(start(run, { fileLimit: 1 + stream.below(120) }));
  const isSaid = /Cannot write .*: the file would be larger than is allowed/.test(said);
  return { isWell: code === 0 || (code === 4 && isSaid), said, seconds: 0 };
};

/** The kinds of faults. */
export const FAULTS = {
  "SIGKILL": killed,
  "SIGTERM": terminated,
  "SIGTERM twice": terminatedTwice,
  "write error": unwritable,
} as const;

/** Name of a kind. */
export type FaultName = keyof typeof FAULTS;

/**
 * Lets a fault happen to a run `times` times, or until it is done in spite of it, then lets it end and compares it.
 *
 * @param reference folder of a run to which nothing happened.
 */
export async function suffer(
  kind: FaultName,
  run: SmallRun,
  { times, seed, reference }: {
    readonly times: number;
    readonly seed: number;
    readonly reference: string;
  },
): Promise<FaultTally> {
  let [faults, survived, slowest] = [0, 0, 0];
  const complaints: string[] = [];
  for (let i = 0; i < times; i++) {
    const stream = random({ seed, purpose: "draw", sample: i });
    const { isWell, said, seconds } = await FAULTS[kind](run, stream);
    faults++;
    if (isWell) survived++;
    else complaints.push(said);
    slowest = Math.max(slowest, seconds);
  }
  const { code, said } = await ended(start(run));
  if (code !== 0) {
    complaints.push(said);
    return { kind, faults, survived: 0, differing: NaN, slowest, complaints };
  }
  const differing = bytesThatDiffer(run.out, reference);
  return { kind, faults, survived, differing, slowest, complaints };
}

/** Waits until it has trained for a while: before, nobody listens to signals. */
async function listening(
  run: SmallRun,
  child: Deno.ChildProcess,
  stream: Stream,
): Promise<void> {
  let isOver = false;
  child.status.then(() => isOver = true);
  const before = linesOf(run.out);
  while (!isOver && linesOf(run.out) <= before + stream.below(10)) await seconds(0.01);
}

function send(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error; // it has ended
  }
}
