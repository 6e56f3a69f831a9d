/** HTML as values: what is put into a template is escaped unless it is HTML itself. */

/** A piece of a page. */
export class Html {
  constructor(readonly text: string) {}
}

/** What a template takes; arrays one after the other, null nothing. */
export type HtmlPart = Html | string | number | null | readonly HtmlPart[];

/** A template: html`<p>${text}</p>`. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let text = strings[0]!;
  parts.forEach((part, i) => text += show(part) + strings[i + 1]!);
  return new Html(text);
}

/** Markup that is known to be right. */
export function raw(text: string): Html {
  return new Html(text);
}

function show(part: HtmlPart): string {
  if (part === null) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(show).join("");
  return String(part).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
