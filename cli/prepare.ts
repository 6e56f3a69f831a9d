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
  type prepare,
  type PrepareOptions,
  type PrepareProgress,
  type PrepareResult,
  RESAMPLINGS,
} from "../lib/data/mod.ts";
import { ConfigError, flagOf } from "../lib/recipes/mod.ts";
import { defineCommand, type Report, type Subcommand } from "./command.ts";
import type { Context } from "./context.ts";
import { type Progress, showFigure, showSeconds } from "./progress.ts";

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
export function prepareCommand(prepareData: typeof prepare): Subcommand {
  return defineCommand({
    name: "prepare",
    summary: "Pack images into a dataset",
    description: [
      text(
        "Decodes every image once, fits it into a record of one size and writes shards, indices and a " +
          "manifest; training reads nothing else. The dataset appears whole, under its name, at the end. The same " +
          "images give the same bytes. A bad image is named and skipped; too many of them fail the run.",
      ),
    ],
    examples: [
      "ccmim prepare pictures dataset --val-fraction 0.05",
      "ccmim prepare cifar10.tar.gz cifar10",
      "ccmim prepare photographs.tar photographs --size 320 --workers 8",
      "ccmim prepare 'shards/train-{000..015}.tar' more.csv dataset",
    ],
    parser: merge(files, images, validation, badImages),
    async run({ paths, ...given }, context): Promise<Report> {
      const [sources, dataset] = [paths.slice(0, -1), paths.at(-1)!];
      using watch = watchPrepare(context);
      const options: PrepareOptions = Object.fromEntries(
        Object.entries(given).filter(([, value]) => value !== undefined),
      );
      checkUsage(options);
      const result = await prepareData(sources, dataset, {
        ...options,
        signal: context.signal,
        onProgress: watch.update,
      });
      watch[Symbol.dispose]();
      for (const warning of result.warnings) context.warn(warning);
      for (const { path, reason } of result.bad.slice(0, NAMED)) {
        context.warn(`skipped ${path}: ${reason}`);
      }
      return { text: showResult(result), json: { ...result } };
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

/** Classes that are listed one by one; of more only those with least and most images. */
const LISTED = 20;

/** Images of each class, by split. */
function showBalance({ balance, splits }: PrepareResult): string[] {
  const names = Object.keys(splits) as (keyof typeof splits)[];
  const rows = balance.map(({ name, splits }) => {
    return { name: name ?? "(unlabelled)", counts: names.map((split) => splits[split] ?? 0) };
  });
  const sorted = rows.toSorted((a, b) => a.counts[0]! - b.counts[0]!);
  const few = LISTED / 4;
  const shown = rows.length <= LISTED ? rows : [
    ...sorted.slice(0, few),
    { name: `... ${rows.length - 2 * few} more ...`, counts: names.map(() => "") },
    ...sorted.slice(-few),
  ];
  const width = Math.max(...shown.map(({ name }) => name.length));
  const line = (name: string, counts: readonly (string | number)[]) =>
    `  ${name.padEnd(width)} ${counts.map((count) => String(count).padStart(7)).join(" ")}`
      .trimEnd();
  return [line("", names), ...shown.map(({ name, counts }) => line(name, counts))];
}

/** The lines that a finished run ends with. */
function showResult(result: PrepareResult): string {
  const { images, size, classes, splits, smaller, bad, ignored, seconds, decoder } = result;
  const counts = Object.entries(splits).map(([name, count]) => `${name} ${count}`);
  const lines = [
    `Packed ${images} images at ${size} x ${size} in ${showSeconds(seconds)} (${
      showFigure(result.imagesPerSecond)
    } images/s, ${decoder})`,
    `${classes === 0 ? "Unlabelled" : `${classes} classes`}: ${counts.join(", ")}`,
    ...classes === 0 ? [] : showBalance(result),
    `Mean ${result.statistics.mean.map(showFigure).join(" ")}, deviation ${
      result.statistics.deviation.map(showFigure).join(" ")
    } (red green blue of ${result.statistics.split}, 1 = 255)`,
  ];
  if (smaller > 0) lines.push(`Smaller than that and not enlarged: ${smaller}`);
  if (bad.length > 0) {
    const what = bad.length === 1 ? "1 bad image was" : `${bad.length} bad images were`;
    lines.push(`${what} skipped, named in ${result.dataset}/manifest.json`);
  }
  if (ignored > 0) lines.push(`Other files, left out: ${ignored}`);
  if (result.contactSheet !== null) lines.push(`Contact sheet: ${result.contactSheet}`);
  lines.push(`Dataset: ${result.dataset} (${showFigure(result.bytes / 1e6)} MB)`);
  return lines.join("\n");
}
