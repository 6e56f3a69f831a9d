/** Colours of a terminal, and the width of text that has them. */

/** Codes of "select graphic rendition" (ECMA-48, 8.3.117). */
const CODES = { bold: 1, dim: 2, cyan: 36 } as const;

const ESCAPE = "\x1b";

/** A code, as one group so that splitting keeps it. */
const SGR = new RegExp(`(${ESCAPE}\\[\\d*m)`, "g");

/** Text in a style. */
export function styled(style: keyof typeof CODES, text: string): string {
  return text === "" ? "" : `\x1b[${CODES[style]}m${text}\x1b[0m`;
}

/** Columns that text takes. */
export function widthOf(text: string): number {
  return [...text.replace(SGR, "")].length;
}

/** The text cut to so many columns, its style ended. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let [result, width] = ["", 0];
  for (const part of text.split(SGR)) {
    if (part.startsWith(ESCAPE)) {
      result += part;
      continue;
    }
    const letters = [...part].slice(0, Math.max(0, columns - width));
    result += letters.join("");
    width += letters.length;
  }
  return result;
}
