/** `ccmim export`: a trained model as a file for other programs. */
import { merge, object } from "@optique/core/constructs";
import { message, text } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import { option } from "@optique/core/primitives";
import { choice, float, integer, type ValueParser } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import {
  EXPORT_DTYPES,
  type exportCheckpoint,
  type ExportResult,
  FORMATS,
  HEADS,
  INPUTS,
  type OutputName,
  OUTPUTS,
  parseOutputs,
  QUANTIZATIONS,
  type SafetensorsResult,
  TOLERANCES,
} from "../lib/export/mod.ts";
import { NAMINGS } from "../lib/weights/mod.ts";
import { VERSION } from "../lib/train/version.ts";
import { defineCommand, type Report, type Subcommand } from "./command.ts";
import { showFigure } from "./progress.ts";
import { parserOf } from "./values.ts";

const outputList: ValueParser<"sync", OutputName[]> = {
  mode: "sync",
  metavar: "NAMES",
  placeholder: ["cls"],
  parse: parserOf(parseOutputs),
  format: (names) => names.join(","),
};

const files = object("Files", {
  checkpoint: option("--checkpoint", path({ metavar: "PATH" }), {
    description:
      message`A run (its best checkpoint, else its newest), a checkpoint, or a file of weights.`,
  }),
  out: option("--out", path({ metavar: "FILE" }), {
    description: message`The file to write. Weights above 2 GB lie beside it, in ${
      text("FILE.data")
    }.`,
  }),
  to: optional(option("--to", choice(FORMATS, { metavar: "FORMAT" }), {
    description: message`A model to run, or weights for other libraries. [onnx]`,
  })),
  names: optional(option("--names", choice(NAMINGS, { metavar: "SCHEME" }), {
    description: message`With ${text("--to safetensors")}, what the tensors are called. ${
      text(
        "huggingface may write a folder, with the configuration. [mae, which is timm's and a decoder]",
      )
    }`,
  })),
  force: option("--force", { description: message`Replace a file that is there already.` }),
  heads: optional(option("--heads", integer({ metavar: "N", min: 1 }), {
    description: message`Attention heads, where nothing beside the weights says them.`,
  })),
  partial: option("--partial", {
    description: message`Take the tensors of an encoder out of a file that holds others, too.`,
  }),
});

const model = object("Model", {
  head: optional(option("--head", choice(HEADS, { metavar: "KIND" }), {
    description: message`The encoder alone, or with the head of a fine-tuned run. ${
      text("[classifier where there is one]")
    }`,
  })),
  input: optional(option("--input", choice(INPUTS, { metavar: "KIND" }), {
    description: message`What the model takes: ${
      text(
        "uint8 is RGB pixels [batch, S, S, 3], normalised inside; float32 is [batch, 3, S, S], " +
          "normalised already, as timm and torchvision do it. [uint8]",
      )
    }`,
  })),
  outputs: optional(option("--outputs", outputList, {
    description: message`What the model gives, of ${text(OUTPUTS.join(", "))}. ${
      text("[all but cls_attention; logits are a classifier's]")
    }`,
  })),
  dtype: optional(option("--dtype", choice(EXPORT_DTYPES, { metavar: "TYPE" }), {
    description:
      message`Type of weights and products; inputs, outputs, norms and sums stay float32. ${
        text("[float32]")
      }`,
  })),
  quantize: optional(option("--quantize", choice(QUANTIZATIONS, { metavar: "TYPE" }), {
    description: message`Store the weights of products in 8 bits, a scale for each column. [no]`,
  })),
});

const check = object("Check", {
  data: optional(option("--data", path({ metavar: "PATH" }), {
    description: message`Images to try the file with: a dataset, or whatever ${
      text("prepare")
    } reads. [the run's dataset; drawn ones where there is none]`,
  })),
  images: optional(option("--images", integer({ metavar: "N", min: 1, max: 4096 }), {
    description: message`How many. [16]`,
  })),
  tolerance: optional(option("--tolerance", float({ metavar: "X", min: 0 }), {
    description:
      message`Largest difference to the checkpoint that is borne, over the largest value of an output. ${
        text(`[${Object.entries(TOLERANCES).map(([type, x]) => `${x} in ${type}`).join(", ")}]`)
      }`,
  })),
  threads: optional(option("--threads", integer({ metavar: "N", min: 1, max: 4096 }), {
    description: message`Threads of ONNX Runtime. [all cores]`,
  })),
});

/** The command; `exportIt` does the work. */
export function exportCommand(exportIt: typeof exportCheckpoint): Subcommand {
  return defineCommand({
    name: "export",
    summary: "Write a trained model for other programs: ONNX, or weights as safetensors",
    description: [
      text(
        "Writes the encoder, or the classifier that was fine-tuned from it, in ONNX's own ops (opset 21) for batches of any " +
          "size. Image size, normalisation, class names and origin are in the file's metadata. The file is then opened, " +
          "tried with images and held against the checkpoint; if it differs by too much it is removed and the exit code is 1.",
      ),
    ],
    examples: [
      "ccmim export --checkpoint runs/first --out encoder.onnx",
      "ccmim export --checkpoint runs/first --out encoder.onnx --data data/cifar10 --outputs cls,cls_attention",
      "ccmim export --checkpoint runs/tuned --out classifier.onnx --dtype float16 --input float32",
      "ccmim export --checkpoint runs/first --to safetensors --names timm --out encoder.safetensors",
    ],
    parser: merge(files, model, check),
    async run(options, context): Promise<Report> {
      const result = await exportIt({
        ...options,
        metadata: { ccmim_version: VERSION },
        signal: context.signal,
        onWeights: (match) => context.note(`Weights: ${match}`),
        onProgress: (phase) => {
          context.note(phase === "write" ? `Writing ${options.out}` : "Checking what was written");
        },
      });
      const shown = result.to === "onnx" ? showModel(result) : showWeights(result);
      return { text: shown, json: { ...result } };
    },
  });
}

/** The lines that the export of weights ends with. */
function showWeights({ out, names, bytes, tensors, model, leftOut }: SafetensorsResult): string {
  const lines = [
    `Exported ${out} (${
      showFigure(bytes / 1e6)
    } MB): ${tensors.length} tensors by the names of ${names}` +
    (model === null ? "" : `, for ${model}`),
    "Read back, they are the checkpoint's bit by bit",
  ];
  if (leftOut.length > 0) {
    lines.push(`Left out: ${leftOut.length} tensors, ${leftOut[0]} the first`);
  }
  return lines.join("\n");
}

/** The lines that the export of a model ends with. */
function showModel(result: ExportResult): string {
  const { out, bytes, encoder, dtype, quantize, input, outputs, classes } = result;
  const { width, depth, heads, imageSize, patch } = encoder;
  const what = classes === 0 ? "encoder" : `classifier of ${classes} classes`;
  const weights = result.external ? `, weights in ${out}.data` : "";
  const from = result.data === null ? "drawn images" : `images of ${result.data}`;
  const all = Object.entries(result.differences);
  const [name, worst] = all.reduce((a, b) => b[1].relative > a[1].relative ? b : a);
  return [
    `Exported ${out} (${
      showFigure(bytes / 1e6)
    } MB${weights}): ${what}, ViT ${width}x${depth}x${heads}, ` +
    `${imageSize} px in patches of ${patch}`,
    `Input: ${input}; outputs: ${outputs.join(", ")}; ${quantize ?? dtype} weights`,
    `Largest difference to the checkpoint on ${result.images} ${from}: ${
      worst.largest.toExponential(1)
    } (${name}), ${worst.relative.toExponential(1)} of its largest value; ` +
    `up to ${result.tolerance} is borne`,
  ].join("\n");
}
