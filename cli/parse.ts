/** Understands a command line: an invocation, help or a version that was printed, or what is wrong. */
import { longestMatch } from "@optique/core/constructs";
import { runParserSync } from "@optique/core/facade";
import { formatMessage, type Message, message, text } from "@optique/core/message";
import { findSimilar } from "@optique/core/suggestion";
import { extractOptionNames } from "@optique/core/usage";
import { VERSION } from "../lib/train/version.ts";
import { type Invocation, showLines, type Subcommand } from "./command.ts";
import { EXIT, EXIT_HELP } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

/** What became of a command line. */
export type Parsed =
  | { readonly kind: "invocation"; readonly invocation: Invocation }
  /** Help, version or completion: printed already. */
  | { readonly kind: "shown"; readonly code: number }
  | {
    readonly kind: "wrong";
    readonly command: string | undefined;
    readonly json: boolean;
    readonly message: string;
  };

/** Understands `args`; prints only what was asked for instead of a run (help, version, completion). */
export function parse(
  args: readonly string[],
  { commands, terminal }: { commands: readonly Subcommand[]; terminal: Terminal },
): Parsed {
  const named = commands.find(({ name }) => name === args[0]);
  /** The parser stops at its callbacks; what they found leaves through here. */
  let ended: Parsed | undefined;
  const end = (parsed: Parsed): never => {
    ended = parsed;
    throw ended;
  };
  const shown = () => end({ kind: "shown", code: args.length === 0 ? EXIT.usage : EXIT.done });

  const parser = longestMatch(...commands.map(({ parser }) => parser), {
    errors: {
      unexpectedInput: (token: string) => describeUnexpected(token, { commands, named }),
    },
  });
  try {
    const invocation = runParserSync(parser, "ccmim", args.length === 0 ? ["--help"] : args, {
      help: { option: { names: ["-h", "--help"] }, command: true, onShow: shown },
      version: { option: true, value: VERSION, onShow: shown },
      completion: { command: true, onShow: shown },
      brief: message`Pretrains Vision Transformers by contextual masked image modelling (ccMIM).`,
      footer: showLines(["More on a command: ccmim COMMAND --help", EXIT_HELP]),
      usageLine: [
        { type: "argument", metavar: "COMMAND" },
        { type: "optional", terms: [{ type: "argument", metavar: "OPTIONS" }] },
      ],
      maxWidth: Math.max(60, Math.min(terminal.columns(), 110)),
      termWidth: "auto",
      showDefault: true,
      showChoices: true,
      aboveError: "none",
      stdout: (text) => args.length === 0 ? terminal.err(`${text}\n`) : terminal.out(`${text}\n`),
      stderr: () => {}, // errors are said by the caller, in one line
      onError: (_code, error) =>
        end({
          kind: "wrong",
          command: named?.name,
          json: args.includes("--json"),
          message: showError(error, named?.name),
        }),
    });
    return { kind: "invocation", invocation };
  } catch (error) {
    if (ended !== undefined && error === ended) return ended;
    throw error;
  }
}

/** What is said of a word that no parser takes, with the nearest known one. */
function describeUnexpected(
  token: string,
  { commands, named }: { commands: readonly Subcommand[]; named: Subcommand | undefined },
): Message {
  const option = token.startsWith("-");
  const known = option
    ? (named === undefined ? commands : [named]).flatMap(({ parser }) => [
      ...extractOptionNames(parser.usage),
    ])
    : named === undefined
    ? commands.map(({ name }) => name)
    : [];
  const kind = option ? "option" : named === undefined ? "command" : "argument";
  const [nearest] = findSimilar(token, known, { maxSuggestions: 1 });
  const hint = nearest === undefined ? "" : `: did you mean ${nearest}?`;
  return [text(`Unknown ${kind} ${token}${hint}`)];
}

/** `error` in one line, with where to read more. */
function showError(error: Message, command: string | undefined): string {
  const line = formatMessage(error, { quotes: false }).replaceAll(/\s*\n\s*/g, " ");
  return `${line.replace(/\.$/, "")} (see ccmim ${
    command === undefined ? "" : `${command} `
  }--help)`;
}
