/** `--replay` of the commands that train: a step that diverged, looked at again. */
import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import { option } from "@optique/core/primitives";
import { path } from "@optique/run/valueparser";
import type { Range } from "../lib/train/ranges.ts";
import type { Replay } from "../lib/train/replay.ts";
import type { Report } from "./command.ts";
import { columns } from "./table.ts";
import { device } from "./values.ts";

/** The flags, in place of all others. */
export const replayFlags = object("Replay", {
  replay: option("--replay", path({ metavar: "FOLDER", type: "directory" }), {
    description:
      message`Compute the step in RUN/divergence again and print every named tensor's range.`,
  }),
  device: optional(option("--device", device, {
    description: message`Where to compute. [where the run did]`,
  })),
});

/** What is printed. */
export function showReplay(replay: Replay): Report {
  const { step, isLate, device, batches } = replay;
  const late = isLate ? "; its parameters may be those of the step after it" : "";
  const lines = batches.flatMap(({ index, paths, ranges, firstNotFinite }) => [
    `Micro-batch ${index}: ${paths.join(", ")}`,
    ...columns([
      ["tensor", "elements", "least", "greatest", "mean", "not finite"],
      ...ranges.map(rowOf),
    ], [1, 2, 3, 4, 5]),
    firstNotFinite === null ? "All are finite" : `First not finite: ${firstNotFinite}`,
  ]);
  const text = [`Step ${step} on ${device}${late}`, ...lines].join("\n");
  return { text, json: { ...replay } };
}

function rowOf({ name, elements, least, greatest, mean, notFinite }: Range): string[] {
  const figure = (value: number | null) => value === null ? "-" : value.toPrecision(4);
  return [name, String(elements), figure(least), figure(greatest), figure(mean), String(notFinite)];
}
