/** JSON Lines: an object an image. */
import { OutputFile } from "./output_file.ts";
import type { Rows, RowWriter } from "./rows.ts";

/** Lines `{"path", "features"}`, or `{"path", "predictions": [{"label", "probability"}]}`. */
export function jsonlWriter(path: string): RowWriter {
  const file = new OutputFile(path);
  return {
    write: (rows) => file.writeText(linesOf(rows)),
    finish: () => file.commit(),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

function linesOf(rows: Rows): string {
  return rows.names.map((path, i) => {
    if ("predictions" in rows) return line({ path, predictions: rows.predictions[i]! });
    const width = rows.features.length / rows.names.length;
    return line({ path, features: Array.from(rows.features.subarray(i * width, (i + 1) * width)) });
  }).join("");
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
