/** Rows of text in columns. */

/** Lines of `heading  text`, the headings once and padded to one width. */
export function headed(rows: readonly (readonly [heading: string, lines: readonly string[]])[]) {
  const width = Math.max(0, ...rows.map(([heading]) => heading.length)) + 2;
  return rows.flatMap(([heading, lines]) =>
    lines.map((line, i) =>
      `${(i === 0 ? heading : "").padEnd(width)}${line.replaceAll(/\s*\n\s*/g, " ")}`.trimEnd()
    )
  );
}

/** Rows as lines, each column as wide as its widest cell; columns that `right` names are flush right. */
export function columns(
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from(
    { length: count },
    (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)),
  );
  return rows.map((row) =>
    row.map((cell, i) => right.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))
      .join("  ").trimEnd()
  );
}
