/** `ccmim embed`: features or labels of any images. */
import { merge, object } from "@optique/core/constructs";
import { message, text } from "@optique/core/message";
import { multiple, optional } from "@optique/core/modifiers";
import { argument, option } from "@optique/core/primitives";
import { choice, float, integer } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import { type DecoderName, DECODERS, SPLITS } from "../lib/data/mod.ts";
import { type embed, type EmbedResult, POOLS, type Prediction } from "../lib/embed/mod.ts";
import { defineCommand, type Report, type Subcommand } from "./command.ts";
import type { Context } from "./context.ts";
import { type Progress, showFigure, showSeconds } from "./progress.ts";
import { device } from "./values.ts";

/** How many bad images are named on standard error. */
const NAMED = 20;

const files = object("Files", {
  paths: multiple(
    argument(path({ metavar: "PATH" }), {
      description: message`A packed dataset; or image files, folders, tars, lists: whatever ${
        text("prepare")
      } reads.`,
    }),
    { min: 1 },
  ),
  out: optional(option("--out", path({ metavar: "FILE" }), {
    description: message`File to write: ${
      text(
        ".npy (float32 [N, D], names in FILE.names.json), .parquet or .jsonl. With --classify it may be left out.",
      )
    }`,
  })),
  force: option("--force", { description: message`Replace a file that is there already.` }),
  split: optional(option("--split", choice(SPLITS, { metavar: "NAME" }), {
    description: message`Split of a packed dataset. [all]`,
  })),
});

const model = object("Model", {
  checkpoint: optional(option("--checkpoint", path({ metavar: "PATH" }), {
    description:
      message`A run (its best checkpoint, else its newest), a checkpoint, or a file of weights.`,
  })),
  model: optional(option("--model", path({ metavar: "FILE" }), {
    description: message`An ONNX file that ${text("export")} wrote, instead.`,
  })),
  pool: optional(option("--pool", choice(POOLS, { metavar: "KIND" }), {
    description: message`CLS, or the mean of the patches. [cls]`,
  })),
  classify: option("--classify", {
    description: message`Labels and probabilities by a classifier, instead of features.`,
  }),
  top: optional(option("--top", integer({ metavar: "N", min: 1 }), {
    description: message`Labels of an image. [5]`,
  })),
  heads: optional(option("--heads", integer({ metavar: "N", min: 1 }), {
    description: message`Attention heads, where nothing beside the weights says them.`,
  })),
  partial: option("--partial", {
    description: message`Take the tensors of an encoder out of a file that holds others, too.`,
  }),
});

const images = object("Images", {
  batch: optional(option("--batch", integer({ metavar: "N", min: 1, max: 65536 }), {
    description: message`Images at once. [32]`,
  })),
  workers: optional(option("--workers", integer({ metavar: "N", min: 1, max: 1024 }), {
    description: message`Threads that decode. [all cores]`,
  })),
  decoder: optional(option("--decoder", choice<DecoderName>(DECODERS, { metavar: "NAME" }), {
    description: message`Library that decodes. [sharp where it loads]`,
  })),
  maxPixels: optional(option("--max-pixels", integer({ metavar: "N", min: 1 }), {
    description: message`Most pixels that an image may say it has, else it is bad. [268402689]`,
  })),
  maxBad: optional(option("--max-bad", float({ metavar: "SHARE", min: 0, max: 1 }), {
    description: message`Share of the images that may be bad; they are named and skipped. [0.01]`,
  })),
  strict: option("--strict", { description: message`Fail on the first bad image.` }),
});

const machine = object("Machine", {
  device: optional(option("--device", device, {
    description: message`Where to compute: auto, cpu, cuda or cuda:N. [auto]`,
  })),
  threads: optional(option("--threads", integer({ metavar: "N", min: 1, max: 4096 }), {
    description: message`Threads of ONNX Runtime. [all cores]`,
  })),
});

/** The command; `embedImages` does the work. */
export function embedCommand(embedImages: typeof embed): Subcommand {
  return defineCommand({
    name: "embed",
    summary: "Write features of images, or labels by a classifier",
    description: [
      text(
        "Decodes images, resizes and crops them as evaluation does (the shorter side to n / 0.875 pixels, of which the central " +
          "n x n are kept; all of an image that is n x n already), and runs an encoder or a classifier over them. A bad image is " +
          "named and skipped; too many of them fail the run. The files appear whole, at the end.",
      ),
    ],
    examples: [
      "ccmim embed photographs --checkpoint runs/first --out features.npy",
      "ccmim embed data/cifar10 --split test --model encoder.onnx --pool mean --out features.parquet",
      "ccmim embed cat.jpg dog.jpg --model classifier.onnx --classify --top 3",
      "ccmim embed 'shards/train-{000..015}.tar' --checkpoint runs/tuned --classify --out labels.jsonl",
    ],
    parser: merge(files, model, images, machine),
    async run(options, context): Promise<Report> {
      const lines: string[] = [];
      const predictions: { path: string; predictions: readonly Prediction[] }[] = [];
      using watch = watchProgress(context);
      const result = await embedImages({
        ...options,
        signal: context.signal,
        onWeights: (match) => context.note(`Weights: ${match}`),
        onProgress: watch.update,
        onPredictions: (path, all) => {
          predictions.push({ path, predictions: all });
          lines.push(`${path}: ${all.map(showPrediction).join(", ")}`);
        },
      });
      watch[Symbol.dispose]();
      for (const { path, reason } of result.bad.slice(0, NAMED)) {
        context.warn(`skipped ${path}: ${reason}`);
      }
      const shown = predictions.length > 0 ? { predictions } : {};
      return {
        text: [...lines, ...showResult(result)].join("\n"),
        json: { ...result, ...shown },
      };
    },
  });
}

function showPrediction({ label, probability }: Prediction): string {
  return `${label} ${(100 * probability).toFixed(1)}%`;
}

/** Shows the images that are done as one task, from the first on. */
function watchProgress(
  context: Context,
): Disposable & { update(progress: { done: number; total?: number; bad: number }): void } {
  let shown: Progress | undefined;
  return {
    update: ({ done, total, bad }) => {
      const known = total === undefined ? {} : { total };
      shown ??= context.progress({ label: "Embedding", unit: "images", ...known });
      shown.update(done, bad > 0 ? { bad } : {});
    },
    [Symbol.dispose]: () => shown?.[Symbol.dispose](),
  };
}

/** The lines that a finished run ends with. */
function showResult(result: EmbedResult): string[] {
  const { files, images, bad, width, size, seconds, device, classified } = result;
  const lines = [
    `${classified ? "Classified" : "Embedded"} ${images} images at ${size} x ${size} in ${
      showSeconds(seconds)
    } (${showFigure(images / seconds)} images/s, ${device})`,
  ];
  if (bad.length > 0) {
    lines.push(
      bad.length === 1 ? "1 bad image was skipped" : `${bad.length} bad images were skipped`,
    );
  }
  if (files.length > 0) {
    lines.push(`Written: ${files.join(", ")}${classified ? "" : ` (${width} numbers an image)`}`);
  }
  return lines;
}
