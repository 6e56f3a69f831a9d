/** `ccmim man`: the commands as manual pages. */
import { object } from "@optique/core/constructs";
import { message } from "@optique/core/message";
import { multiple, optional } from "@optique/core/modifiers";
import { argument, option } from "@optique/core/primitives";
import { string } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import { ConfigError } from "../lib/recipes/mod.ts";
import { defineCommand, type Report, type Subcommand } from "./command.ts";
import { manOverview, manPage } from "./man_page.ts";
import { type Page, pageOf } from "./page.ts";

/** The command; `others` are the commands that have pages. */
export function manCommand(others: readonly Subcommand[]): Subcommand {
  const command: Subcommand = defineCommand({
    name: "man",
    summary: "Print manual pages, or write them where man finds them",
    examples: [
      "ccmim man",
      "ccmim man pretrain",
      "ccmim man --out ~/.local/share/man/man1",
    ],
    parser: object("Pages", {
      names: multiple(argument(string({ metavar: "COMMAND" }), {
        description: message`The command whose page to print. [the page of all]`,
      })),
      out: optional(option("--out", path({ metavar: "DIR", type: "directory" }), {
        description: message`Write every page into this folder instead, as ccmim-COMMAND.1.`,
      })),
    }),
    async run({ names, out }): Promise<Report> {
      const pages = [...others, command].map(pageOf);
      return await (out === undefined ? print(pages, names) : write(pages, { names, out }));
    },
  });
  return command;
}

function print(pages: readonly Page[], names: readonly string[]): Report {
  if (names.length > 1) {
    throw new ConfigError(`Cannot print ${names.length} pages at once: give one command`);
  }
  const [name] = names;
  const page = pages.find((page) => page.name === name);
  if (name !== undefined && page === undefined) {
    const known = pages.map(({ name }) => name).join(", ");
    throw new ConfigError(`Cannot print a page of ${name}: the commands are ${known}`);
  }
  const text = (page === undefined ? manOverview(pages) : manPage(page)).trimEnd();
  return { text, json: { page: text } };
}

function write(
  pages: readonly Page[],
  { names, out }: { names: readonly string[]; out: string },
): Report {
  if (names.length > 0) throw new ConfigError("Cannot take both COMMAND and --out: give one");
  Deno.mkdirSync(out, { recursive: true });
  const files = pages.map((page) => [`ccmim-${page.name}.1`, manPage(page)] as const);
  for (const [file, text] of [["ccmim.1", manOverview(pages)] as const, ...files]) {
    Deno.writeTextFileSync(`${out}/${file}`, text);
  }
  return {
    text: `Wrote ${files.length + 1} pages into ${out}: see man ccmim`,
    json: { out, files: ["ccmim.1", ...files.map(([file]) => file)] },
  };
}
