import assert from "node:assert/strict";
import { html, raw } from "../../lib/report/html.ts";

Deno.test("html escapes what is put in, but not HTML", () => {
  const evil = `<b>"&'`;
  assert.equal(html`<p title="${evil}">${evil}</p>`.text.match(/[<>]/g)!.length, 4);
  assert.equal(html`${[1, html`<i>${"<"}</i>`, null, raw("&amp;")]}`.text, "1<i>&#60;</i>&amp;");
});
