/** Pages of docs/ that are made from definitions in the code. */
import { COMMANDS } from "../../cli/commands.ts";
import { EXIT_CODES } from "../../cli/exit.ts";
import { markdownPage } from "../../cli/markdown_page.ts";
import { pageOf } from "../../cli/page.ts";
import { type Claim, type Recipe, RECIPE_NAMES, RECIPES } from "../../lib/recipes/mod.ts";

/** The pages by their path, as `deno fmt` sets them. */
export async function generatedPages(): Promise<Map<string, string>> {
  const pages = new Map([
    ["docs/commands.md", commandIndex()],
    ["docs/recipes.md", recipePage()],
    ...COMMANDS.map((command): [string, string] => [
      `docs/commands/${command.name}.md`,
      markdownPage(pageOf(command)),
    ]),
  ]);
  const set = await Promise.all([...pages].map(async ([path, text]) => [path, await format(text)]));
  return new Map(set as [string, string][]);
}

function commandIndex(): string {
  const rows = COMMANDS.map(({ name, summary }) =>
    `| [\`ccmim ${name}\`](commands/${name}.md) | ${summary} |`
  );
  const codes = EXIT_CODES.map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return [
    "# Commands",
    "Each page says what `ccmim <command> --help` says; `deno task docs:commands` writes them from the commands' definitions.",
    ["| command | what it does |", "| --- | --- |", ...rows].join("\n"),
    "Every command ends with one of these exit codes:",
    ["| code | meaning |", "| --- | --- |", ...codes].join("\n"),
    "",
  ].join("\n\n");
}

function recipePage(): string {
  const claim = ({ text, source }: Claim) => `${text}${source === "unknown" ? "" : ` (${source})`}`;
  return [
    "# Recipes",
    "A recipe is a set of defaults that belong together. `--config` overlays it, options overlay both, and `--print-config` " +
    "shows the result. *Measured* is by us, in [results.md](results.md); *extrapolated* is from a rate measured there; *paper* " +
    "is what the authors report of their own runs. `deno task docs:commands` writes this page from `lib/recipes`.",
    ...RECIPE_NAMES.flatMap((name) => {
      const { summary, guide }: Recipe = RECIPES[name];
      return [
        `## ${name}`,
        `${summary}.`,
        "```sh\n" + guide.command.replace(/, or /, "\n") + "\n```",
        [
          `- Data: \`${guide.data}\``,
          `- Hardware: ${guide.hardware}`,
          `- Time: ${claim(guide.time)}`,
          `- Expect: ${claim(guide.expect)}`,
          ...guide.note === undefined ? [] : [`- Note: ${guide.note}`],
        ].join("\n"),
      ];
    }),
    "",
  ].join("\n\n");
}

/** Markdown as `deno fmt` leaves it, so that the files pass its check. */
async function format(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("Cannot format a page: deno fmt failed");
  return new TextDecoder().decode(stdout);
}
