/** The flags that say when checkpoints are written and which stay, for every command that trains. */
import { object } from "@optique/core/constructs";
import { message, text } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import { option } from "@optique/core/primitives";
import { choice, integer, type ValueParser } from "@optique/core/valueparser";
import { ConfigError, type Duration, parseDuration, showDuration } from "../lib/recipes/mod.ts";
import type { CheckpointOptions } from "../lib/train/keeping.ts";
import { ON_DIVERGENCE } from "../lib/train/diverging.ts";
import { duration, parserOf } from "./values.ts";
import { onlyGiven } from "./only_given.ts";

/** Steps or epochs; or minutes, which change nothing in what is computed. */
type Every = Duration | { readonly minutes: number };

const MINUTES = /^(\d+(?:\.\d+)?)\s*(?:min|minutes?)$/;

function parseEvery(input: string): Every {
  const match = MINUTES.exec(input.trim());
  if (match === null) return parseDuration(input);
  const minutes = Number(match[1]);
  if (minutes > 0) return { minutes };
  throw new ConfigError(`Cannot write a checkpoint every ${minutes} minutes: it must be above 0`);
}

const every: ValueParser<"sync", Every> = {
  mode: "sync",
  metavar: "TIME",
  placeholder: { minutes: 10 },
  parse: parserOf(parseEvery),
  format: (value) => "minutes" in value ? `${value.minutes}min` : showDuration(value),
};

/** The flags. */
export const checkpointFlags = object("Checkpoints", {
  checkpointEvery: optional(option("--checkpoint-every", every, {
    description: message`When checkpoints are written, in steps or epochs alone, or as in ${
      text("30min: after so many minutes without one, and at every epoch's end")
    }. [10min]`,
  })),
  keep: optional(option("--keep", integer({ metavar: "N" }), {
    description: message`Keep only the N newest checkpoints. [2, and all of --checkpoint-every]`,
  })),
  keepEvery: optional(option("--keep-every", duration, {
    description: message`Keep those of every so many steps or epochs as well, as in 50epochs.`,
  })),
  onDivergence: optional(option("--on-divergence", choice(ON_DIVERGENCE, { metavar: "WHAT" }), {
    description: message`When a loss or gradient is not finite: stop, with what led to it in ${
      text("RUN/divergence; skip the step; or rollback to the last checkpoint and halve the ")
    }learning rate for a while, at most three times. [stop]`,
  })),
});

/** What {@linkcode checkpointFlags} gives. */
interface CheckpointValues {
  readonly checkpointEvery?: Every | undefined;
  readonly keep?: number | undefined;
  readonly keepEvery?: Duration | undefined;
}

/** The flags as a request has them: what is scheduled is an option of the run, everything else is not. */
export function checkpointRequest(
  { checkpointEvery, keep, keepEvery }: CheckpointValues,
): { readonly checkpointEvery?: Duration; readonly checkpoints?: CheckpointOptions } {
  const timed = checkpointEvery !== undefined && "minutes" in checkpointEvery;
  const checkpoints = {
    ...timed ? { minutes: checkpointEvery.minutes } : {},
    ...onlyGiven({ keep, keepEvery }),
  };
  return {
    ...checkpointEvery === undefined || timed ? {} : { checkpointEvery },
    ...Object.keys(checkpoints).length === 0 ? {} : { checkpoints },
  };
}
