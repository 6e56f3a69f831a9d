/** What a subcommand is: a parser of its flags and a function that runs it. */
import { object } from "@optique/core/constructs";
import { lineBreak, type Message, message, text } from "@optique/core/message";
import { map } from "@optique/core/modifiers";
import type { Parser } from "@optique/core/parser";
import { command, option } from "@optique/core/primitives";
import type { Usage } from "@optique/core/usage";
import type { Context } from "./context.ts";
import { EXIT_HELP, type ExitCode } from "./exit.ts";

/** What a command ends with: one of the two goes to standard output. */
export interface Report {
  /** Said to a person: whole lines, without a line break at the end. */
  readonly text: string;
  /** The same as one object, with `--json`. */
  readonly json: Readonly<Record<string, unknown>>;
  /** What the process ends with; default 0. */
  readonly code?: ExitCode;
}

/** A subcommand with options of type `T`. It checks nothing itself: what it calls throws. */
export interface Command<T> {
  readonly name: string;
  /** One line, as `ccmim --help` lists it. */
  readonly summary: string;
  /** More, as `ccmim <name> --help` shows it. */
  readonly description?: Message;
  /** Command lines to copy. */
  readonly examples?: readonly string[];
  /** All flags but `--json` and `--help`, which every command has. */
  readonly parser: Parser<"sync", T, unknown>;
  run(options: T, context: Context): Promise<Report>;
}

/** A command line that was understood. */
export interface Invocation {
  readonly command: string;
  readonly json: boolean;
  run(context: Context): Promise<Report>;
}

/** A {@linkcode Command} as the table of subcommands holds it. */
export interface Subcommand {
  readonly name: string;
  readonly parser: Parser<"sync", Invocation, unknown>;
}

const output = object("Output", {
  json: option("--json", {
    description: message`Print the result, or the error, as one JSON object on standard output.`,
  }),
});

/** Makes a command fit the table of subcommands. */
export function defineCommand<T>(definition: Command<T>): Subcommand {
  const { name, summary, description, examples = [], run } = definition;
  const bound = map(definition.parser, (options) => (context: Context) => run(options, context));
  const parser = map(
    object({ run: bound, output }),
    ({ run, output }) => ({ command: name, json: output.json, run }),
  );
  const lines = [
    ...(examples.length > 0 ? ["Examples:", ...examples.map((line) => `  ${line}`), ""] : []),
    `With --json, an error is {"error": {"message", "code"}}, code being the exit code.`,
    EXIT_HELP,
  ];
  return {
    name,
    parser: command(name, parser, {
      brief: [text(summary)],
      description: description ?? [text(summary)],
      usageLine: shorten,
      footer: showLines(lines),
    }),
  };
}

/** Terms of a message that shows each of `lines` on its own. */
export function showLines(lines: readonly string[]): Message {
  return lines.flatMap((line) => [text(line), lineBreak()]);
}

/** The usage line with what must be given only: the options are listed below it anyway. */
function shorten(usage: Usage): Usage {
  return [...usage.filter(({ type }) => type !== "optional"), { type: "ellipsis" }];
}
