/** What a subcommand is: a parser of its flags and a function that runs it. */
import { merge, object } from "@optique/core/constructs";
import { lineBreak, type Message, message, text } from "@optique/core/message";
import { map, optional } from "@optique/core/modifiers";
import type { Parser } from "@optique/core/parser";
import { command, option } from "@optique/core/primitives";
import type { Usage } from "@optique/core/usage";
import { path } from "@optique/run/valueparser";
import type { Context } from "./context.ts";
import { EXIT_HELP, type ExitCode } from "./exit.ts";
import type { Explanation } from "./print_config.ts";

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
  /** What the run would be, for a command whose options may lie in a file: it has `--config` and `--print-config`. */
  explain?(options: T): Explanation;
  /** Pairs of options, without dashes, of which one is given in place of the other. */
  readonly exclusive?: readonly (readonly [string, string])[];
}

/** A command line that was understood. */
export interface Invocation {
  readonly command: string;
  readonly json: boolean;
  run(context: Context): Promise<Report>;
  /** With `--print-config`: what to print instead of a run. */
  readonly explain?: (() => Explanation) | undefined;
  /** The options by name, as they were parsed. */
  readonly given: object;
}

/** A {@linkcode Command} as the table of subcommands holds it. */
export interface Subcommand {
  readonly name: string;
  readonly summary: string;
  readonly description: Message;
  readonly examples: readonly string[];
  readonly parser: Parser<"sync", Invocation, unknown>;
  /** Of a command with `--config`: {@linkcode Command.exclusive}. */
  readonly exclusive?: readonly (readonly [string, string])[];
}

const configuration = object("Configuration", {
  config: optional(option("--config", path({ metavar: "FILE" }), {
    description: message`Options by their long names, as JSON with comments; ${
      text("they win over the recipe, and the command line over them")
    }.`,
  })),
  printConfig: option("--print-config", {
    description: message`Print every option as such a file, with where its value comes from; ${
      text("run nothing")
    }.`,
  }),
});

const output = object("Output", {
  json: option("--json", {
    description: message`Print the result, or the error, as one JSON object on standard output.`,
  }),
});

/** Makes a command fit the table of subcommands. */
export function defineCommand<T extends object>(definition: Command<T>): Subcommand {
  const { name, summary, examples = [], exclusive = [] } = definition;
  const description = definition.description ?? [text(summary)];
  /** A run with its options bound: from here on nobody has to know their type. */
  const bound = map(definition.parser, (options: T) => ({
    given: { ...options },
    run: (context: Context) => definition.run(options, context),
    explain: () => definition.explain!(options),
  }));
  const flags = definition.explain === undefined
    ? map(output, ({ json }) => ({ json, printConfig: false }))
    : merge(configuration, output);
  const parser = map(
    object({ bound, flags }),
    ({ bound: { given, run, explain }, flags: { json, printConfig } }): Invocation => ({
      command: name,
      json,
      given,
      run,
      explain: printConfig ? explain : undefined,
    }),
  );
  const lines = [
    ...(examples.length > 0 ? ["Examples:", ...examples.map((line) => `  ${line}`), ""] : []),
    `With --json, an error is {"error": {"message", "code"}}, code being the exit code.`,
    EXIT_HELP,
  ];
  return {
    name,
    summary,
    description,
    examples,
    ...definition.explain === undefined ? {} : { exclusive },
    parser: command(name, parser, {
      brief: [text(summary)],
      description,
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
export function shorten(usage: Usage): Usage {
  return [...required(usage), { type: "ellipsis" }];
}

/** Terms that must be given, in every way of calling the command. */
function required(usage: Usage): Usage {
  return usage.flatMap((term): Usage => {
    if (term.type === "exclusive") return [{ ...term, terms: term.terms.map(required) }];
    return term.type === "optional" || (term.type === "multiple" && term.min === 0) ? [] : [term];
  });
}
