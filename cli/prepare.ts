/** `ccmim prepare`: packs images into a dataset. */
import { merge, object } from "@optique/core/constructs";
import { message, text } from "@optique/core/message";
import { multiple, optional } from "@optique/core/modifiers";
import { argument, option } from "@optique/core/primitives";
import { choice, float, integer, string } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import {
  append,
  checkPrepareOptions,
  type DecoderName,
  DECODERS,
  FITS,
  planAppend,
  planPrepare,
  type prepare,
  type PrepareOptions,
  RESAMPLINGS,
  STORES,
  verifyDataset,
  type VerifyResult,
} from "../lib/data/mod.ts";
import { ConfigError, flagOf } from "../lib/recipes/mod.ts";
import { defineCommand, type Report, type Subcommand } from "./command.ts";
import { EXIT } from "./exit.ts";
import { verifyWatched, watchPrepare } from "./prepare_progress.ts";
import { showPlan, showResult, showVerified } from "./prepare_report.ts";

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
    { min: 1 },
  ),
  append: option("--append", {
    description:
      message`Add the sources to the dataset, whose shards and labels stay as they are; ${
        text("they are packed as it was")
      }.`,
  }),
  verify: option("--verify", {
    description: message`Compare every file of the dataset with its checksum, and write nothing; ${
      text("the only path is the dataset")
    }.`,
  }),
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

/** What else the command can do, for tests. */
interface Others {
  readonly plan?: typeof planPrepare;
  readonly planMore?: typeof planAppend;
  readonly appendData?: typeof append;
  readonly verify?: typeof verifyDataset;
}

/** The command; `prepare` does the work. */
export function prepareCommand(
  prepareData: typeof prepare,
  {
    plan = planPrepare,
    planMore = planAppend,
    appendData = append,
    verify = verifyDataset,
  }: Others = {},
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
      "ccmim prepare --append more-photographs photographs",
      "ccmim prepare --append more-photographs photographs --dry-run",
      "ccmim prepare --verify photographs",
      "ccmim prepare 'shards/train-{000..015}.tar' more.csv dataset",
    ],
    parser: merge(files, images, validation, badImages),
    async run({ paths, dryRun, append, verify: verifies, ...given }, context): Promise<Report> {
      checkPaths({ paths, dryRun, append, verify: verifies, force: given.force });
      if (verifies) return reportOf(verifyWatched(verify, paths[0]!, context));
      const [sources, dataset] = [paths.slice(0, -1), paths.at(-1)!];
      using watch = watchPrepare(context);
      const options: PrepareOptions = Object.fromEntries(
        Object.entries(given).filter(([, value]) => value !== undefined),
      );
      checkUsage(append ? { store: "jpeg", ...options } : options); // the dataset may be one of those
      const watched = { ...options, signal: context.signal, onProgress: watch.update };
      const result = dryRun
        ? await (append ? planMore : plan)(sources, dataset, watched)
        : await (append ? appendData : prepareData)(sources, dataset, watched);
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

/** @throws {ConfigError} if flags contradict each other, or paths are too few or too many. */
function checkPaths({ paths, dryRun, append, verify, force }: {
  readonly paths: readonly string[];
  readonly dryRun: boolean;
  readonly append: boolean;
  readonly verify: boolean;
  readonly force: boolean;
}): void {
  const flags = { "--verify": verify, "--append": append, "--dry-run": dryRun, "--force": force };
  const given = Object.entries(flags).filter(([, isGiven]) => isGiven).map(([flag]) => flag);
  const isPair = append && dryRun && !verify && !force;
  if (given.length > 1 && (verify || append) && !isPair) {
    throw new ConfigError(`Cannot use ${given[0]} together with ${given[1]}`);
  }
  if (verify && paths.length > 1) {
    throw new ConfigError(`Cannot verify ${paths.length} datasets at once: give one`);
  }
  if (!verify && paths.length < 2) {
    throw new ConfigError(
      `Cannot tell source and dataset from ${paths[0]} alone: give both; see ccmim prepare --help`,
    );
  }
}

/** Damage is wrong input: the exit code says so. */
function reportOf(result: VerifyResult): Report {
  const code = result.damaged.length === 0 ? EXIT.done : EXIT.data;
  return { text: showVerified(result), json: { ...result }, code };
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
