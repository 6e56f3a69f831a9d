/** Understands a command line: an invocation, help or a version that was printed, or what is wrong. */
import { longestMatch } from "@optique/core/constructs";
import { runParserSync } from "@optique/core/facade";
import { formatMessage, type Message, message, text } from "@optique/core/message";
import { findSimilar } from "@optique/core/suggestion";
import { extractOptionNames } from "@optique/core/usage";
import { ConfigError } from "../lib/recipes/mod.ts";
import { VERSION } from "../lib/train/version.ts";
import { type Invocation, showLines, type Subcommand } from "./command.ts";
import { applyConfigFile, blameFile, type Configured } from "./config_flags.ts";
import { EXIT, EXIT_HELP } from "./exit.ts";
import { printConfig } from "./print_config.ts";
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

  // Of a named command, its own parser alone: others would take a path that is called like them.
  const candidates = named === undefined ? commands : [named];
  const parser = longestMatch(...candidates.map(({ parser }) => parser), {
    errors: {
      unexpectedInput: (token: string) => describeUnexpected(token, { commands, named }),
    },
  });
  const wrong = (message: string): Parsed => ({
    kind: "wrong",
    command: named?.name,
    json: args.includes("--json"),
    message: `${message} (see ccmim ${named === undefined ? "" : `${named.name} `}--help)`,
  });
  let configured: Configured;
  try {
    configured = configure(args, named);
  } catch (error) {
    if (error instanceof ConfigError) return wrong(error.message);
    throw error;
  }
  const words = configured.args.length === 0 ? ["--help"] : configured.args;
  try {
    const invocation = runParserSync(parser, "ccmim", words, {
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
      onError: (_code, error) => end(wrong(blameFile(showError(error), configured))),
    });
    return { kind: "invocation", invocation: explained(invocation, configured) };
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

/** `error` in one line. */
function showError(error: Message): string {
  const line = formatMessage(error, { quotes: false }).replaceAll(/\s*\n\s*/g, " ");
  return line.replace(/\.$/, "");
}

/** `args` with the options of a file that they name, where the command takes one. */
function configure(args: readonly string[], named: Subcommand | undefined): Configured {
  const helps = args.includes("--help") || args.includes("-h");
  if (named?.exclusive === undefined || helps) return { args, file: undefined, entries: new Map() };
  return applyConfigFile(args, { usage: named.parser.usage, exclusive: named.exclusive });
}

/** With `--print-config`, an invocation that prints the configuration instead; else one whose errors name the file. */
function explained(invocation: Invocation, configured: Configured): Invocation {
  const { explain, given, run } = invocation;
  const answer = explain === undefined
    ? run
    : () => Promise.resolve(printConfig(explain(), { given, configured }));
  return {
    ...invocation,
    async run(context) {
      try {
        return await answer(context);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        const message = blameFile(error.message, configured);
        throw message === error.message ? error : new ConfigError(message, { cause: error });
      }
    },
  };
}
