/** `--dry-run` of what trains: what a run would be. */
import { message, text } from "@optique/core/message";
import { option } from "@optique/core/primitives";
import type { RunStart } from "../lib/train/events.ts";
import type { RunDryRun } from "../lib/train/mod.ts";
import { showBytes } from "../lib/runtime/show_bytes.ts";
import type { Report } from "./command.ts";
import { showFigure, showSeconds } from "./progress.ts";

/** The flag. */
export const dryRun = option("--dry-run", {
  description: message`Check everything, try a few steps and say what the run would be; ${
    text("write nothing")
  }.`,
});

/** What a dry run foresees, after the lines that say what the run is. */
export function showDryRun(plan: RunDryRun<RunStart>, what: readonly string[]): Report {
  const { config, step, steps, stepsLeft, secondsPerStep, imagesPerSecond, tried } = plan;
  const lines = [
    ...what,
    `Checkpoints: every ${config.checkpointEvery} steps, about ${
      showBytes(plan.checkpointBytes)
    } each`,
    step === 0 ? `Steps: ${steps}` : `Steps: ${stepsLeft} of ${steps} are left`,
    `A step takes ${showSeconds(secondsPerStep)} (${
      showFigure(imagesPerSecond)
    } images/s), as ${tried} tell`,
    `Time: about ${showSeconds(plan.seconds)}, evaluations and checkpoints not counted`,
    `Run: ${plan.out}, not made`,
  ];
  return { text: lines.join("\n"), json: { ...plan } };
}
