/** Writes the pages of docs/ that are made from definitions in the code: `deno task docs:commands`. */
import { generatedPages } from "./pages.ts";

Deno.mkdirSync("docs/commands", { recursive: true });
for (const [path, text] of await generatedPages()) Deno.writeTextFileSync(path, text);
