/** Commands as manual pages, in troff's man macros. */
import { VERSION } from "../lib/train/version.ts";
import { EXIT_CODES } from "./exit.ts";
import type { Block, Page } from "./page.ts";

/** What every page is headed with. It has no date, so that the same version gives the same bytes. */
function head(title: string): string {
  return `.TH ${title.toUpperCase()} 1 "" "ccmim ${VERSION}" "ccmim"`;
}

/** The manual page of one command: `ccmim-pretrain(1)`. */
export function manPage(page: Page): string {
  return lines([
    head(`ccmim-${page.name}`),
    ".SH NAME",
    `ccmim\\-${page.name} \\- ${roff(page.summary)}`,
    ".SH SYNOPSIS",
    ...page.usage.flatMap((line) => [".nf", roff(line), ".fi"]),
    ".SH DESCRIPTION",
    ...page.description.flatMap(showBlock),
    ".SH OPTIONS",
    ...page.sections.flatMap(({ title, entries }) => [
      `.SS ${quote(title)}`,
      ...entries.flatMap(({ term, description, choices }) => [
        ".TP",
        `\\fB${roff(term)}\\fR`,
        roff(description + (choices === "" ? "" : ` One of: ${choices}.`)),
      ]),
    ]),
    ".SH EXAMPLES",
    ".nf",
    ...page.examples.map(roff),
    ".fi",
    ...exitStatus(),
    ".SH SEE ALSO",
    ".BR ccmim (1)",
  ]);
}

/** The manual page of all commands: `ccmim(1)`. */
export function manOverview(pages: readonly Page[]): string {
  return lines([
    head("ccmim"),
    ".SH NAME",
    "ccmim \\- pretrain Vision Transformers by contextual masked image modelling",
    ".SH SYNOPSIS",
    ".B ccmim",
    ".I COMMAND",
    "[OPTIONS]",
    ".SH COMMANDS",
    ...pages.flatMap(({ name, summary }) => [".TP", `.BR ccmim\\-${name} (1)`, roff(summary)]),
    ...exitStatus(),
  ]);
}

function exitStatus(): string[] {
  return [
    ".SH EXIT STATUS",
    ...EXIT_CODES.flatMap(([code, meaning]) => [".TP", `.B ${code}`, roff(meaning)]),
  ];
}

function showBlock(block: Block): string[] {
  return block.kind === "text"
    ? [".PP", roff(block.text)]
    : [".PP", ".nf", ...block.lines.map(roff), ".fi"];
}

/** A line of text in which troff sees no markup. */
function roff(text: string): string {
  const escaped = text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

function quote(text: string): string {
  return `"${roff(text).replaceAll('"', '""')}"`;
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
