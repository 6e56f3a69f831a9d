/** `ccmim visualize`: what a model makes of images, as one picture. */
import { merge, object } from "@optique/core/constructs";
import { message, text } from "@optique/core/message";
import { multiple, optional } from "@optique/core/modifiers";
import { negatableFlag, option } from "@optique/core/primitives";
import { choice, float, integer } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import { SAMPLINGS } from "../lib/recipes/mod.ts";
import type { visualize } from "../lib/visual/mod.ts";
import { defineCommand, type Report, type Subcommand } from "./command.ts";
import { showFigure } from "./progress.ts";

const count = integer({ metavar: "N" });

const files = object("Files", {
  checkpoint: option("--checkpoint", path({ metavar: "PATH" }), {
    description:
      message`A run (its newest checkpoint), a checkpoint, or weights of an MAE with decoder.`,
  }),
  images: multiple(option("--images", path({ metavar: "PATH" }), {
    description: message`A packed dataset, an image, or what ${
      text("ccmim prepare")
    } reads; can be given again. [the run's dataset]`,
  })),
  out: option("--out", path({ metavar: "PNG" }), { description: message`The picture to write.` }),
});

const looks = object("Picture", {
  count: optional(option("--count", count, {
    description: message`Most images, 1 to 64; of more, these are drawn. [8]`,
  })),
  seed: optional(option("--seed", count, {
    description: message`Of the draw of images and masks. [0]`,
  })),
  paste: optional(negatableFlag({ positive: "--paste", negative: "--no-paste" }, {
    description:
      message`Whether visible patches of a reconstruction are the image's own, or predicted too. [on]`,
  })),
});

const model = object("Model", {
  maskRatio: optional(option("--mask-ratio", float({ metavar: "X" }), {
    description: message`Share of the patches that is masked. [as trained; else 0.75]`,
  })),
  sampling: optional(option("--sampling", choice(SAMPLINGS, { metavar: "NAME" }), {
    description: message`How masked patches are chosen. [as trained; else random]`,
  })),
  normPixLoss: optional(negatableFlag(
    { positive: "--norm-pix-loss", negative: "--no-norm-pix-loss" },
    {
      description:
        message`Whether the model predicts pixels normalised per patch. [as trained; else on]`,
    },
  )),
  threads: optional(option("--threads", count, {
    description: message`Threads of ONNX Runtime. [all cores]`,
  })),
});

/** The command; `draw` does the work. */
export function visualizeCommand(draw: typeof visualize): Subcommand {
  return defineCommand({
    name: "visualize",
    summary: "Draw what a model makes of images: masked, reconstructed, attended",
    description: [
      text(
        "Writes a PNG with a row an image: the original, what the encoder sees, the reconstruction in true colours, " +
          "the attention of CLS (mean over heads and blocks), and how often each patch is masked over 256 draws. " +
          "Where the model predicts pixels normalised per patch, each patch is shown with the mean and deviation " +
          "of the true one, which the model does not know. The same options give the same picture.",
      ),
    ],
    examples: [
      "ccmim visualize --checkpoint runs/first --out grid.png",
      "ccmim visualize --checkpoint runs/first --images photos --images cat.jpg --out grid.png",
      "ccmim visualize --checkpoint mae_visualize_vit_base.safetensors --images photos --out grid.png",
    ],
    parser: merge(files, looks, model),
    async run({ images, ...request }): Promise<Report> {
      const given = images.length > 0 ? { images } : {};
      const result = await draw({ ...request, ...given });
      const { out, model, error } = result;
      const lines = result.images.map(({ name, label, error }) =>
        `  ${error.toFixed(5)}  ${name}${label === null ? "" : ` (${label})`}`
      );
      return {
        text: [
          `Drew ${result.images.length} images through ${model}: ${out}`,
          `Mean squared error of masked pixels, where 255 is 1: ${showFigure(error)}`,
          ...lines,
        ].join("\n"),
        json: { ...result },
      };
    },
  });
}
