/** A small pretraining as a process of its own, which can be killed. */
import { fileURLToPath } from "node:url";
import { prepare } from "../../lib/data/mod.ts";
import { drawPicture } from "../demo/images.ts";
import { openEncoder } from "../demo/jpeg.ts";
import { TINY_FLAGS } from "../tiny.ts";

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

/** Everything that could go wrong on resuming is in it: accumulation, BatchNorm's buffers, evaluations, a shuffle an epoch. */
const MODEL = `${TINY_FLAGS} --accumulate 2 --warmup 2 --lr 1e-3`;

/** Steps between checkpoints. */
const CHECKPOINT_EVERY = 7;

/** Pictures of the dataset, a third of which is held out. */
const PICTURES = 60;

/** Prepares the dataset. @returns its folder. */
export async function smallDataset(folder: string): Promise<string> {
  const encode = await openEncoder();
  const source = `${folder}/pictures`;
  Deno.mkdirSync(source);
  for (let index = 0; index < PICTURES; index++) {
    const pixels = drawPicture({ seed: 0, shape: "circle", index, size: 12 });
    Deno.writeFileSync(`${source}/${index}.jpg`, await encode(pixels, 12));
  }
  const dataset = `${folder}/dataset`;
  await prepare(source, dataset, { workers: 1, valFraction: 1 / 3 });
  return dataset;
}

/** Which run. */
export interface SmallRun {
  readonly dataset: string;
  readonly out: string;
  readonly steps: number;
}

/** How it is started. */
export interface StartOptions {
  /** No file may become larger than so many KiB; no limit unless given. */
  readonly fileLimit?: number;
}

/** Starts the run, or goes on with it. */
export function start({ dataset, out, steps }: SmallRun, { fileLimit }: StartOptions = {}) {
  const command = [
    Deno.execPath(),
    "run",
    "-A",
    "--no-check",
    MAIN,
    "pretrain",
    "--data",
    dataset,
    "--out",
    out,
    ...MODEL.split(" "),
    "--steps",
    String(steps),
    "--checkpoint-every",
    `${CHECKPOINT_EVERY}steps`,
    "--resume",
  ];
  // Without the signal a write that is too large fails with an error, as on a full disk
  const limited = `trap '' XFSZ; ulimit -f ${fileLimit}; exec "$@"`;
  const [program, ...args] = fileLimit === undefined
    ? command
    : ["bash", "-c", limited, "bash", ...command];
  return new Deno.Command(program!, {
    args,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

/** How a process ended, and its last line. */
export async function ended(child: Deno.ChildProcess): Promise<{ code: number; said: string }> {
  const [{ code }, text] = await Promise.all([child.status, new Response(child.stderr).text()]);
  return { code, said: text.trimEnd().split("\n").at(-1) ?? "" };
}

/** Lines of metrics that a run has written so far. */
export function linesOf(out: string): number {
  try {
    return Deno.readTextFileSync(`${out}/metrics.jsonl`).split("\n").length - 1;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
