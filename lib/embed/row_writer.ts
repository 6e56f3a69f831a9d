/** Results of many images into a file of one of three formats, row by row. */
import { extname } from "node:path";
import { ConfigError } from "../recipes/mod.ts";
import { jsonlWriter } from "./jsonl_writer.ts";
import { npyWriter } from "./npy_writer.ts";
import { parquetWriter } from "./parquet_writer.ts";
import { namesFile, type RowWriter, type WriterOptions } from "./rows.ts";

const WRITERS: Readonly<Record<string, (path: string, options: WriterOptions) => RowWriter>> = {
  ".npy": npyWriter,
  ".parquet": parquetWriter,
  ".jsonl": jsonlWriter,
};

/** The files that are written for `out`. @throws {ConfigError} if its name ends in none of the known formats. */
export function filesOf(out: string, { predictions }: { readonly predictions: boolean }): string[] {
  const format = extname(out);
  if (!(format in WRITERS)) {
    throw new ConfigError(
      `Cannot write ${out}: its name must end in ${Object.keys(WRITERS).join(", ")}`,
    );
  }
  if (format === ".npy" && predictions) {
    throw new ConfigError(
      `Cannot write labels to ${out}: .npy holds numbers; give a .jsonl or .parquet file`,
    );
  }
  return format === ".npy" ? [out, namesFile(out)] : [out];
}

/** Opens a writer for a path that {@linkcode filesOf} takes. */
export function openWriter(out: string, options: WriterOptions): RowWriter {
  return WRITERS[extname(out)]!(out, options);
}
