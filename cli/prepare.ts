/** `ccmim prepare`: packs images into a dataset. */
import { merge, object } from "@optique/core/constructs";
import { message, text } from "@optique/core/message";
import { multiple, optional } from "@optique/core/modifiers";
import { argument, option } from "@optique/core/primitives";
import { choice, float, integer, string } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import {
  checkPrepareOptions,
  type DecoderName,
  DECODERS,
  FITS,
  planPrepare,
  type prepare,
  type PrepareOptions,
  type PrepareProgress,
  RESAMPLINGS,
  STORES,
} from "../lib/data/mod.ts";
import { ConfigError, flagOf } from "../lib/recipes/mod.ts";
import { defineCommand, type Report, type Subcommand } from "./command.ts";
import type { Context } from "./context.ts";
import { showPlan, showResult } from "./prepare_report.ts";
import type { Progress } from "./progress.ts";

/** How many bad images are named on standard error. */
const NAMED = 20;

const files = object("Files", {
  paths: multiple(
    argument(path({ metavar: "PATH" }), {
      description:
        message`One source or more, and last the folder to write. A source is a folder, ${
          text(`tar or tar.gz of images: in class folders, within train, val and test folders or
without, or all in one folder, unlabelled; a WebDataset tar (labels in key.cls or key.json; shards
as 'train-{000..015}.tar'); a CSV, TSV or JSON Lines file of path, label and split; CIFAR's binary
archive; an IDX file, as MNIST's; a Parquet file of images, as Hugging Face's; or a folder of
either of the last three. Classes of several sources are merged by name.`.replaceAll("\n", " "))
        }`,
    }),
    { min: 2 },
  ),
  contactSheet: optional(option("--contact-sheet", path({ metavar: "FILE" }), {
    description: message`PNG file for a picture of some images of every class. ${
      text("[contact-sheet.png in the dataset]")
    }`,
  })),
  dryRun: option("--dry-run", {
    description:
      message`Check everything, read all headers, decode some images and say what would be ${
        text("written")
      }; write nothing.`,
  }),
  force: option("--force", { description: message`Replace a dataset that is there already.` }),
});

const images = object("Images", {
  size: optional(option("--size", integer({ metavar: "N", min: 1, max: 16384 }), {
    description: message`Pixels a side of a record. ${
      text("[256, or the median shorter side of the images if that is less]")
    }`,
  })),
  fit: optional(option("--fit", choice(FITS, { metavar: "HOW" }), {
    description:
      message`squash packs all of an image, each side on its own; crop its central square. [squash]`,
  })),
  resample: optional(option("--resample", choice(RESAMPLINGS, { metavar: "HOW" }), {
    description: message`How images are resized: ${RESAMPLINGS.join(", ")}. [bicubic]`,
  })),
  store: optional(option("--store", choice(STORES, { metavar: "KIND" }), {
    description: message`How records are kept: ${
      text("raw, as they are; or jpeg, about a ninth of that, decoded while training")
    }. [raw]`,
  })),
  quality: optional(option("--quality", integer({ metavar: "N", min: 1, max: 100 }), {
    description: message`Quality of those JPEGs. [90]`,
  })),
  enlarge: option("--enlarge", {
    description: message`Enlarge images that are smaller; else they are stored at their own size.`,
  }),
  limit: optional(option("--limit", integer({ metavar: "N", min: 1 }), {
    description: message`Pack so many images only, spread evenly over all. [all]`,
  })),
  decoder: optional(option("--decoder", choice<DecoderName>(DECODERS, { metavar: "NAME" }), {
    description: message`Library that decodes. [sharp where it loads]`,
  })),
  background: optional(option("--background", string({ metavar: "#RRGGBB" }), {
    description: message`Colour behind transparent pixels. [#ffffff]`,
  })),
  maxPixels: optional(option("--max-pixels", integer({ metavar: "N", min: 1 }), {
    description: message`Most pixels that an image may say it has, else it is bad. [268402689]`,
  })),
  workers: optional(option("--workers", integer({ metavar: "N", min: 1, max: 1024 }), {
    description: message`Threads that decode. [all cores]`,
  })),
});

const validation = object("Validation", {
  valFraction: optional(option("--val-fraction", float({ metavar: "SHARE" }), {
    description: message`Share of the training images to hold out as ${text("val")}. [none]`,
  })),
  seed: optional(option("--seed", integer({ metavar: "N", min: 0 }), {
    description: message`Says which images are held out. [0]`,
  })),
});

const badImages = object("Bad images", {
  maxBad: optional(option("--max-bad", float({ metavar: "SHARE", min: 0, max: 1 }), {
    description: message`Share of the images that may be bad; they are named and skipped. [0.01]`,
  })),
  strict: option("--strict", { description: message`Fail on the first bad image.` }),
});

/** The command; `prepare` does the work. */
export function prepareCommand(
  prepareData: typeof prepare,
  plan: typeof planPrepare = planPrepare,
): Subcommand {
  return defineCommand({
    name: "prepare",
    summary: "Pack images into a dataset",
    description: [
      text(
        "Decodes every image once, fits it into a record of one size and writes shards, indices and a " +
          "manifest; training reads nothing else. The dataset appears whole, under its name, at the end. The same " +
          "images give the same bytes. A bad image is named and skipped; too many of them fail the run. " +
          "Interrupted, it keeps what it has packed, and the same command goes on from there.",
      ),
    ],
    examples: [
      "ccmim prepare pictures dataset --val-fraction 0.05",
      "ccmim prepare cifar10.tar.gz cifar10",
      "ccmim prepare photographs.tar photographs --size 320 --workers 8",
      "ccmim prepare photographs.tar photographs --store jpeg --quality 92",
      "ccmim prepare photographs.tar photographs --dry-run",
      "ccmim prepare 'shards/train-{000..015}.tar' more.csv dataset",
    ],
    parser: merge(files, images, validation, badImages),
    async run({ paths, dryRun, ...given }, context): Promise<Report> {
      const [sources, dataset] = [paths.slice(0, -1), paths.at(-1)!];
      using watch = watchPrepare(context);
      const options: PrepareOptions = Object.fromEntries(
        Object.entries(given).filter(([, value]) => value !== undefined),
      );
      checkUsage(options);
      const watched = { ...options, signal: context.signal, onProgress: watch.update };
      const result = dryRun
        ? await plan(sources, dataset, watched)
        : await prepareData(sources, dataset, watched);
      watch[Symbol.dispose]();
      for (const warning of result.warnings) context.warn(warning);
      for (const { path, reason } of result.bad.slice(0, NAMED)) {
        context.warn(`${dryRun ? "would skip" : "skipped"} ${path}: ${reason}`);
      }
      const shown = "dryRun" in result ? showPlan(result) : showResult(result);
      return { text: shown, json: { ...result } };
    },
  });
}

/** What the library calls out of range is wrong usage here, of the flag that the option has. */
function checkUsage(options: PrepareOptions): void {
  try {
    checkPrepareOptions(options);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const named = message.replace(/ as (\w+):/, (_, option: string) => ` as ${flagOf(option)}:`);
    throw new ConfigError(named, { cause });
  }
}

const LABELS: Readonly<Record<PrepareProgress["phase"], string>> = {
  list: "Listing",
  pack: "Packing",
  finish: "Checksums",
};

/** Shows each phase as a task of its own. */
function watchPrepare(context: Context): Disposable & { update(progress: PrepareProgress): void } {
  let phase: PrepareProgress["phase"] | undefined;
  let shown: Progress | undefined;
  const end = () => shown?.[Symbol.dispose]();
  const update = ({ phase: now, done, total, bad }: PrepareProgress) => {
    if (now !== phase) {
      end();
      const known = total === undefined ? {} : { total };
      shown = context.progress({ label: LABELS[now], unit: "images", ...known });
      phase = now;
    }
    shown?.update(done, bad > 0 ? { bad } : {});
  };
  return { update, [Symbol.dispose]: end };
}
