/** The whole page: one file that needs no other. */
import { type Html, html, raw } from "./html.ts";
import { THEME } from "./theme.ts";

/** What a page holds. */
export interface PageContent {
  readonly title: string;
  /** Under the title. */
  readonly summary: string;
  /** Sections with the ids of their headings; null ones are left out. */
  readonly sections: readonly {
    readonly id: string;
    readonly name: string;
    readonly content: Html | null;
  }[];
  readonly footer: string;
}

/** The page as text. It loads nothing and runs no script. */
export function page({ title, summary, sections, footer }: PageContent): string {
  const present = sections.filter(({ content }) => content !== null);
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,">
        <title>${title}</title>
        <style>${raw(THEME)}</style>
      </head>
      <body><a class="skip" href="#main">Skip to the results</a>
    <header><h1>${title}</h1><p class="faint">${summary}</p></header>
    <nav aria-label="Sections"><ul>${present.map(({ id, name }) =>
      html`<li><a href="#${id}">${name}</a></li>`
    )}</ul></nav>
    <main id="main" tabindex="-1">${present.map(({ content }) => content)}</main>
    <footer><p>${footer}</p></footer></body>
    </html>
  `.text;
}
