import assert from "node:assert/strict";
import { generatedPages } from "../../../tasks/docs/pages.ts";

Deno.test("docs/ has the pages that the commands and recipes define, and no others", async () => {
  const pages = await generatedPages();
  for (const [path, text] of pages) {
    assert.equal(
      Deno.readTextFileSync(path),
      text,
      `${path} is stale: run deno task docs:commands`,
    );
  }
  const files = [...Deno.readDirSync("docs/commands")].map(({ name }) => `docs/commands/${name}`);
  assert.deepEqual(files.filter((path) => !pages.has(path)), [], "pages of commands that are gone");
});
