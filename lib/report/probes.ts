/** What was found out about runs: what `ccmim probe` and `ccmim finetune` write. */
import { join, resolve } from "node:path";
import * as v from "valibot";
import { isFile } from "../files/mod.ts";
import { DataError } from "../data/mod.ts";

/** Name of the file that makes a folder a probe. */
const PROBE = "probe.json";

/** Names of the files of results: of a probe, of a fine-tuning, of a classifier that was judged again. */
const RESULTS = [PROBE, "finetune.json", "evaluation.json"] as const;

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const count = v.pipe(v.number(), v.minValue(0));

const File = v.object({
  format: v.picklist(["ccmim-probe-1", "ccmim-finetune-1", "ccmim-evaluation-1"]),
  what: v.string(),
  top1: share,
  top1Deviation: v.optional(v.nullable(v.number()), null),
  top1Interval: v.tuple([share, share]),
  top5: v.nullable(share),
  images: count,
  classes: v.array(v.string()),
  confusion: v.array(v.array(count)),
  /** What a probe was of; a classifier's result lies with it. */
  encoder: v.optional(v.object({ checkpoint: v.string(), file: v.nullable(v.string()) })),
});

/** A result. Shares are in [0, 1]. */
export interface ProbeResult {
  readonly path: string;
  /** What the number is: "linear probe, CLS, 90 epochs, test top-1". */
  readonly what: string;
  readonly top1: number;
  /** Standard deviation over seeds; null of one. */
  readonly deviation: number | null;
  /** 95% interval of `top1`. */
  readonly interval: readonly [number, number];
  readonly top5: number | null;
  /** Images that it was judged by. */
  readonly images: number;
  readonly classes: readonly string[];
  /** `[C][C]`: images of class i taken for class j. */
  readonly confusion: readonly (readonly number[])[];
  /** The file of weights that was probed, as an absolute path; null for random weights and for what is the run's own. */
  readonly weights: string | null;
}

/** True if `path` is a folder with a probe's result. */
export function isProbe(path: string): boolean {
  return isFile(join(path, PROBE));
}

/** Results in the folder of a run and the folders in it, by their path. @throws {DataError} naming one that is damaged. */
export function readProbes(run: string): ProbeResult[] {
  const folders = [...Deno.readDirSync(run)].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => join(run, name)).sort();
  return [run, ...folders].flatMap((path) => {
    return RESULTS.filter((name) => isResult(join(path, name))).map((name) =>
      readResult(path, name)
    );
  });
}

/** True if there is such a file; others may call theirs `evaluation.json`, too. */
function isResult(file: string): boolean {
  return isFile(file) && (!file.endsWith("evaluation.json") ||
    Deno.readTextFileSync(file).includes('"ccmim-evaluation-'));
}

/** The probe's result in a folder. @throws {DataError} if it is damaged. */
export function readProbe(path: string): ProbeResult {
  return readResult(path, PROBE);
}

function readResult(path: string, name: (typeof RESULTS)[number]): ProbeResult {
  const file = join(path, name);
  const what = name === PROBE ? "a probe's result" : "a classifier's result";
  let json: unknown;
  try {
    json = JSON.parse(Deno.readTextFileSync(file));
  } catch (cause) {
    throw new DataError(`Cannot read ${file} as ${what}: it is not JSON`, { cause });
  }
  const parsed = v.safeParse(File, json);
  if (!parsed.success) {
    throw new DataError(`Cannot read ${file} as ${what}: ${v.summarize(parsed.issues)}`);
  }
  const { top1Deviation, top1Interval, encoder, ...rest } = parsed.output;
  const weights = encoder?.file ?? null;
  return {
    ...rest,
    path,
    deviation: top1Deviation,
    interval: top1Interval,
    weights: weights === null ? null : resolve(weights),
  };
}
