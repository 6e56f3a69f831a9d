/** A command's page as Markdown. */
import type { Block, Page, PageEntry } from "./page.ts";

/** The page, with a heading of the first level; `deno fmt` is left to wrap its lines. */
export function markdownPage(page: Page): string {
  return [
    `# ccmim ${page.name}`,
    `${page.summary}.`,
    fence(page.usage),
    ...page.description.map(showBlock),
    "## Examples",
    fence(page.examples),
    ...page.sections.flatMap(({ title, entries }) => [
      `## ${title}`,
      entries.map(showEntry).join("\n"),
    ]),
  ].join("\n\n") + "\n";
}

function showEntry({ term, description, choices }: PageEntry): string {
  const listed = choices === "" ? "" : ` One of: ${choices}.`;
  return `- \`${term}\`: ${escape(description)}${escape(listed)}`;
}

function showBlock(block: Block): string {
  return block.kind === "text" ? escape(block.text) : fence(block.lines, "text");
}

function fence(lines: readonly string[], language = "sh"): string {
  return `\`\`\`${language}\n${lines.join("\n")}\n\`\`\``;
}

/** Text in which Markdown sees no markup. */
function escape(text: string): string {
  return text.replaceAll(/[\\*_<>[\]`#|]/g, (character) => `\\${character}`);
}
