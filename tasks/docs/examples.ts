/** The examples of doc comments and of Markdown, as one module of tests. */

/** A block of code, and the line on which it starts. */
export interface Example {
  /** From the repository's root. */
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

/** Every block of ts in the doc comments of the library and in what people read. */
export function examples(root: URL): Example[] {
  const files = ["mod.ts", "README.md", ...filesIn(root, "lib"), ...filesIn(root, "docs")];
  return files.flatMap((file) => examplesIn(file, Deno.readTextFileSync(new URL(file, root))));
}

/** The blocks of ts in a file: of TypeScript those in its doc comments, of Markdown all. */
export function examplesIn(file: string, text: string): Example[] {
  const isMarkdown = file.endsWith(".md");
  const blocks = isMarkdown
    ? text.matchAll(/^```ts\n(.*?)^```$/gms)
    : text.matchAll(/^ *\* ```ts\n(.*?)^ *\* ```$/gms);
  return [...blocks].map(({ index, 1: block }) => ({
    file,
    line: text.slice(0, index).split("\n").length,
    code: isMarkdown ? block! : block!.replaceAll(/^ *\* ?/gm, ""),
  }));
}

/**
 * A module in which each example is a test, and a `console.assert` that does not hold is an error. One process loads the
 * library once for all of them: what an example imports at its head, its test awaits.
 *
 * @throws {SyntaxError} if an example imports other than by name.
 */
export function exampleTests(all: readonly Example[], root: URL): string {
  const head =
    `console.assert = (holds, ...said) => { if (!holds) throw new Error("Assertion failed: " + said.join(" ")); };`;
  return [head, ...all.map((example) => exampleTest(example, root))].join("\n");
}

function exampleTest({ file, line, code }: Example, root: URL): string {
  const body = code.replaceAll(
    /^import (type )?\{([^}]*)\} from "([^"]+)";$/gms,
    (_, onlyTypes, names: string, from: string) => {
      const url = from.startsWith(".") ? new URL(from, new URL(file, root)).href : from;
      const imported = names.split(",").map((name) => name.trim()).filter((name) => name !== "");
      const isType = (name: string) => onlyTypes !== undefined || name.startsWith("type ");
      const values = imported.filter((name) => !isType(name))
        .map((name) => name.replace(" as ", ": "));
      const types = imported.filter(isType).map((name) => name.replace("type ", ""))
        .map((name) => `type ${name} = import("${url}").${name};`);
      return [`const { ${values.join(", ")} } = await import("${url}");`, ...types].join("\n");
    },
  );
  if (/^(import|export) /m.test(body)) {
    throw new SyntaxError(
      `Cannot run the example in ${file}, line ${line}: it must import by name`,
    );
  }
  const options = `name: "${file}:${line}", sanitizeResources: false, sanitizeOps: false`;
  return `Deno.test({ ${options}, async fn() {\n${body}} });\n`;
}

/** TypeScript and Markdown below a folder. */
function* filesIn(root: URL, path: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(path, root))) {
    const entry = `${path}/${name}`;
    if (isDirectory) yield* filesIn(root, entry);
    else if (/\.(ts|md)$/.test(name)) yield entry;
  }
}
