/** What a command's definition says, ready to be set as Markdown or as a manual page. */
import type { DocEntry } from "@optique/core/doc";
import { formatMessage, type Message } from "@optique/core/message";
import { getDocPageSync } from "@optique/core/parser";
import { formatUsage, formatUsageTerm } from "@optique/core/usage";
import { shorten, type Subcommand } from "./command.ts";

/** Text that is filled into lines, or lines that stay as they are. */
export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "lines"; readonly lines: readonly string[] };

/** An option or an argument. */
export interface PageEntry {
  /** As in `--epochs N`. */
  readonly term: string;
  readonly description: string;
  /** What it may be, where that is a list. */
  readonly choices: string;
}

/** A command's page. */
export interface Page {
  readonly name: string;
  readonly summary: string;
  /** As in `ccmim inspect PATH ...`, a line for each way of calling it. */
  readonly usage: readonly string[];
  readonly description: readonly Block[];
  readonly sections: readonly { readonly title: string; readonly entries: readonly PageEntry[] }[];
  readonly examples: readonly string[];
}

/** The page of a command. */
export function pageOf({ name, summary, description, examples, parser }: Subcommand): Page {
  const page = getDocPageSync(parser, [name])!;
  const sections = page.sections
    .map(({ title = "Options", entries }) => ({ title, entries: ordered(entries).map(pageEntry) }))
    .filter(({ entries }) => entries.length > 0);
  return {
    name,
    summary,
    usage: usageLines(parser),
    description: blocks(description),
    sections,
    examples,
  };
}

/** The usage, shortened; a line for each of its alternatives. */
function usageLines({ usage }: Subcommand["parser"]): string[] {
  const short = shorten(usage);
  const choice = short.find((term) => term.type === "exclusive");
  const ways = choice === undefined
    ? [short]
    : choice.terms.map((way) => short.flatMap((term) => term === choice ? way : [term]));
  return ways.map((way) => formatUsage("ccmim", way));
}

/** Arguments before options. */
function ordered(entries: readonly DocEntry[]): DocEntry[] {
  const [args, options] = [true, false].map((wanted) =>
    entries.filter(({ term }) => (term.type === "argument") === wanted)
  );
  return [...args!, ...options!];
}

function pageEntry({ term, description = [], choices = [] }: DocEntry): PageEntry {
  return {
    term: formatUsageTerm(term).replaceAll("/", ", "),
    description: plain(description).replaceAll(/\s+/g, " "),
    choices: plain(choices),
  };
}

/** Paragraphs; where lines are broken on purpose, lines. */
function blocks(description: Message): Block[] {
  return plain(description).split(/\n{2,}/).filter((part) => part.trim() !== "").map((part) =>
    part.trim().includes("\n")
      ? { kind: "lines", lines: part.trimEnd().split("\n") }
      : { kind: "text", text: part.trim() }
  );
}

function plain(message: Message): string {
  return formatMessage(message, { quotes: false });
}
