/** The stages of the demonstration, each of them command lines of ccmim. */
import type { FinetuneReport } from "../../lib/finetune/mod.ts";
import type { ProbeReport } from "../../lib/probe/mod.ts";
import { RECIPES } from "../../lib/recipes/mod.ts";
import { run, runForJson } from "./command.ts";
import type { Row, Score } from "./table.ts";

/** What is written, below one folder. */
export interface Places {
  readonly folder: string;
  readonly dataset: string;
}

/** What an encoder is before it is measured: its name, and how the commands are told of it. */
export interface Start {
  readonly name: string;
  /** Where its probes and its classifier lie. */
  readonly folder: string;
  /** For `probe`. */
  readonly probed: readonly string[];
  /** For `finetune`. */
  readonly tuned: readonly string[];
}

/** The encoder as training finds it, of the demonstration's sizes. */
export function unlearnt({ folder }: Places): Start {
  const { encoder, imageSize, patch } = RECIPES.demo;
  const sizes = Object.entries({ ...encoder, "image-size": imageSize, patch })
    .flatMap(([name, value]) => [`--${name}`, `${value}`]);
  return {
    name: "random",
    folder: `${folder}/random`,
    probed: ["--checkpoint", "random", ...sizes],
    tuned: ["--checkpoint", "none", ...sizes],
  };
}

/**
 * Options of each method. Alignment tells pictures apart, and the quickest way to do that is by their colours, which say nothing
 * of shapes: in ten epochs, at its usual weight of 0.1, it costs more than it gives.
 */
const METHODS = {
  mae: { name: "MAE", options: [] },
  ccmim: { name: "ccMIM", options: ["--align-weight", "0.02"] },
} as const;

/** Pretrains with one method. */
export async function pretrain(
  { folder, dataset }: Places,
  method: keyof typeof METHODS,
): Promise<Start> {
  const { name, options } = METHODS[method];
  const own = `${folder}/${method}`;
  const checkpoint = ["--checkpoint", `${own}/pretrained`];
  await run(
    ...["pretrain", "--recipe", "demo", "--method", method, ...options, "--data", dataset],
    ...["--checkpoint-every", `${RECIPES.demo.epochs}epochs`, "--out", `${own}/pretrained`],
  );
  return { name, folder: own, probed: checkpoint, tuned: [...checkpoint, "--layer-decay", "0.9"] };
}

/** A few hundred images a class, and minutes. */
const LINEAR = ["--cache", "--optimiser", "adamw", "--base-lrs", "0.03,0.1,0.3,1,3"];
const TUNING = [
  ...["--epochs", "5", "--batch", "32", "--lr", "1e-3", "--label-smoothing", "0"],
  ...["--rand-augment", "none", "--crop-scale", "0.6"],
];

/** Measures a start in three ways. */
export async function measure(
  start: Start,
  { dataset }: Places,
): Promise<{ readonly row: Row; readonly classifier: FinetuneReport }> {
  const { name, folder } = start;
  Deno.mkdirSync(folder, { recursive: true });
  const probe = (kind: string, ...options: string[]) =>
    runForJson<ProbeReport>(
      ...["probe", ...start.probed, "--data", dataset, "--pool", "mean", ...options],
      ...["--out", `${folder}/${kind}`],
    );
  const knn = say(await probe("knn", "--kind", "knn"));
  const linear = say(await probe("linear", ...LINEAR));
  const tuned = say(
    await runForJson<FinetuneReport>(
      ...["finetune", ...start.tuned, "--data", dataset, ...TUNING],
      ...["--out", `${folder}/classifier`],
    ),
  );
  return { row: { name, scores: { knn, linear, tuned } }, classifier: tuned };
}

/** Tells a result. */
function say<T extends Score & { readonly what: string }>(score: T): T {
  console.error(`${score.what}: ${(100 * score.top1).toFixed(1)}%`);
  return score;
}

/** Exports the classifier that the validation pictures speak for, and classifies some of the test pictures. @returns the file. */
export async function deploy(
  classifiers: readonly FinetuneReport[],
  { places: { folder, dataset }, pictures }: { places: Places; pictures: readonly string[] },
): Promise<string> {
  const best = classifiers.reduce((a, b) => b.best.top1 > a.best.top1 ? b : a);
  const file = `${folder}/classifier.onnx`;
  await run("export", "--checkpoint", best.bestCheckpoint, "--out", file, "--data", dataset);
  await run("embed", ...pictures, "--model", file, "--classify", "--top", "2");
  return file;
}
