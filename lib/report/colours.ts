/** Colours of runs and classes: variables of the page, which differ between light and dark. */

/** How many runs have a colour of their own. */
const RUN_COLOURS = 6;

/** Dashes, so that runs differ without colour as well. */
const DASHES = ["none", "6 3", "2 3", "8 3 2 3", "1 2", "12 4"] as const;

/** The colour of run `i`. */
export function runColour(i: number): string {
  return `var(--run-${i % RUN_COLOURS})`;
}

/** The dashes of run `i`. */
export function runDash(i: number): string {
  return DASHES[i % DASHES.length]!;
}

/** How many classes have a colour of their own. */
export const CLASS_COLOURS = 12;

/** The colour of class `i`; grey beyond the last that has one. */
export function classColour(i: number): string {
  return i >= 0 && i < CLASS_COLOURS ? `var(--class-${i})` : "var(--faint)";
}

/** The variables, for light and for dark pages. */
export const COLOUR_VARIABLES = {
  light: variables({
    run: "0b62b8 c2410c 15803d 7e22ce a16207 0e7490",
    class: "1f77b4 d9641c 2a8f3c c22f2f 8158b3 865548 c75fa8 6b6b6b 9a9a12 1295a3 3b4cc0 b8860b",
  }),
  dark: variables({
    run: "6cb2ff ff9d66 6fd58b cf9cff e8c14e 5ccfe6",
    class: "6db6ef ff9f5a 74d183 ff7d7d bd9bea c49a8d f29cd8 b5b5b5 d6d651 4fd2df 8d9bff e6bd4f",
  }),
} as const;

function variables(lists: Readonly<Record<string, string>>): string {
  return Object.entries(lists).flatMap(([name, colours]) =>
    colours.split(" ").map((colour, i) => `--${name}-${i}:#${colour};`)
  ).join("");
}
