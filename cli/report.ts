/** `ccmim report`: runs as one HTML file. */
import { merge, object } from "@optique/core/constructs";
import { message, text } from "@optique/core/message";
import { multiple, optional } from "@optique/core/modifiers";
import { argument, option } from "@optique/core/primitives";
import { integer } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import type { ReportObserver, ReportRequest, ReportResult } from "../lib/report/report.ts";
import { showBytes } from "../lib/runtime/show_bytes.ts";
import { defineCommand, type Report, type Subcommand } from "./command.ts";
import type { Progress } from "./progress.ts";

const count = integer({ metavar: "N" });

/** Where the report goes unless it is said. */
const OUT = "report.html";

const files = object("Files", {
  runs: multiple(
    argument(path({ metavar: "RUN", type: "directory" }), {
      description: message`Folders of runs; their curves are overlaid.`,
    }),
    { min: 1 },
  ),
  out: optional(option("--out", path({ metavar: "HTML" }), {
    description: message`The file to write. [${text(OUT)}]`,
  })),
  data: optional(option("--data", path({ metavar: "DATASET", type: "directory" }), {
    description: message`Packed dataset to look at. [each run's own]`,
  })),
});

const looks = object("Pictures", {
  images: optional(option("--images", count, {
    description:
      message`Images for the neighbours and the map of features; 0 leaves all pictures out. [500]`,
  })),
  seed: optional(option("--seed", count, {
    description: message`Of the draw of images and masks. [0]`,
  })),
  threads: optional(option("--threads", count, {
    description: message`Threads of ONNX Runtime. [all cores]`,
  })),
});

/** The command; `write` does the work. */
export function reportCommand(
  write: (request: ReportRequest, observer: ReportObserver) => Promise<ReportResult>,
): Subcommand {
  return defineCommand({
    name: "report",
    summary: "Write a report on runs: curves, reconstructions, features, configurations",
    description: [
      text(
        "Writes one HTML file that loads nothing: results with their protocol, every metric with all runs overlaid, " +
          "reconstructions, attention and masks over training, nearest neighbours, a map of the features, confusion " +
          "matrices of probes that lie in a run's folder, speed, configurations, and the commands that repeat the runs.",
      ),
    ],
    examples: [
      "ccmim report runs/ccmim runs/mae --out report.html",
      "ccmim report runs/ccmim --images 0",
    ],
    parser: merge(files, looks),
    async run({ out = OUT, ...request }, context): Promise<Report> {
      let progress: Progress | undefined;
      const result = await write({ ...request, out }, {
        progress(done, total) {
          progress ??= context.progress({ label: "Looking through models", total });
          progress.update(done);
        },
        warning: (text) => context.warn(text),
      }).finally(() => progress?.[Symbol.dispose]());
      const { runs, bytes } = result;
      return {
        text: `Wrote a report on ${runs.join(", ")}: ${result.out}, ${showBytes(bytes)}`,
        json: { ...result },
      };
    },
  });
}
