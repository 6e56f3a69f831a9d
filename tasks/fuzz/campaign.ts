/** Many inputs for one reader, whatever becomes of its workers. */
import { type Bounds, Child, type Outcome } from "./child.ts";
import { mutated } from "./mutate.ts";
import { type Reader, writeFiles } from "./reader.ts";
import { CONTROL } from "./worker.ts";

/** Files that a worker may have open beyond those at its start. */
const MOST_LEFT_OPEN = 8;

/** What is done to a reader. */
export interface CampaignOptions {
  /** URL of the module that exports `READERS`. */
  readonly module: string;
  readonly seed: number;
  /** Numbers of the inputs: from the first up to, not including, the second. */
  readonly from: number;
  readonly until: number;
  readonly bounds: Bounds;
  /** Inputs that failed are written below this folder. */
  readonly out: string;
  /** Inputs between two readings of the valid ones. */
  readonly controlEvery: number;
  /** Most failures until the rest is left out. */
  readonly mostFailures: number;
}

/** An input that a reader failed on. */
export interface Failure {
  readonly number: number;
  readonly what: string;
  /** Folder that the input was written to. */
  readonly saved: string;
}

/** A row of the table. */
export interface Tally {
  readonly reader: string;
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  /** Seconds of the input that took longest. */
  readonly slowest: number;
  /** Most resident memory beyond that of a started worker, in bytes. */
  readonly peak: number;
  /** Most memory asked for at once, in bytes. */
  readonly request: number;
  readonly failures: readonly Failure[];
}

/**
 * Has a reader read its inputs in worker processes. A hang or a lack of memory counts only if the input alone shows it once
 * more, in a fresh worker: others may have been using the machine.
 */
export async function fuzz(reader: Reader, options: CampaignOptions): Promise<Tally> {
  const { from, until, bounds, controlEvery, mostFailures } = options;
  const work = Deno.makeTempDirSync({ prefix: "ccmim-fuzz-" });
  let [inputs, accepted, refused, slowest, peak, request] = [0, 0, 0, 0, 0, 0];
  const failures: Failure[] = [];
  const start = () => startChild(reader, options, work);
  let child = await start();
  const failed = async (number: number, what: string) => {
    failures.push({ number, what, saved: await save(reader, number, { ...options, work }) });
  };
  try {
    for (let number = from; number < until && failures.length < mostFailures; number++) {
      let outcome = await child.ask(String(number));
      peak = Math.max(peak, child.peak);
      if ("ended" in outcome) {
        child = await start();
        if (outcome.ended !== "crashed") {
          const alone = await child.ask(String(number));
          if ("ended" in alone) child = await start();
          else outcome = alone;
        }
      }
      inputs++;
      const what = failureOf(outcome, bounds);
      if (what !== null) await failed(number, what);
      else if ("verdict" in outcome) {
        slowest = Math.max(slowest, outcome.seconds);
        request = Math.max(request, outcome.request);
        if (outcome.verdict.kind === "accepted") accepted++;
        else refused++;
      }
      if ((number + 1 - from) % controlEvery !== 0 && number + 1 < until) continue;
      const control = failureOf(await child.ask(CONTROL), bounds) ?? leftOpen(child);
      if (control === null) continue;
      await failed(number, `after this input or some before: ${control}`);
      await child[Symbol.asyncDispose]();
      child = await start();
    }
  } finally {
    await child[Symbol.asyncDispose]();
    Deno.removeSync(work, { recursive: true });
  }
  return { reader: reader.name, inputs, accepted, refused, slowest, peak, request, failures };
}

function startChild(reader: Reader, { module, seed, bounds }: CampaignOptions, work: string) {
  return Child.start({ module, reader: reader.name, seed, work }, bounds);
}

function failureOf(outcome: Outcome, { requestBytes }: Bounds): string | null {
  if ("ended" in outcome) return `${outcome.ended} ${outcome.said}`.trim();
  const { request } = outcome;
  if (request > requestBytes) return `asked for ${request} bytes at once`;
  return outcome.verdict.kind === "failed" ? outcome.verdict.text : null;
}

/** Files that are being closed do not count. */
function leftOpen({ filesLeftOpen }: Child): string | null {
  return filesLeftOpen > MOST_LEFT_OPEN ? `${filesLeftOpen} files are left open` : null;
}

async function save(
  reader: Reader,
  number: number,
  { seed, out, work }: CampaignOptions & { readonly work: string },
): Promise<string> {
  const folder = `${out}/${reader.name.replace(/[^\w.]+/g, "-")}-${seed}-${number}`;
  const valid = await reader.valid(`${work}/valid-${number}`);
  writeFiles(mutated(valid, reader.dialect, { seed, number }), folder);
  return folder;
}
