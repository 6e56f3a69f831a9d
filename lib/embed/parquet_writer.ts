/** Parquet: a row an image. */
import { fileWriter, ParquetWriter } from "hyparquet-writer";
import type { SchemaElement } from "hyparquet";
import { OutputFile } from "./output_file.ts";
import type { Rows, RowWriter, WriterOptions } from "./rows.ts";

/** Images of a row group: what is in memory before it is written. */
const GROUP = 1024;

const list = (name: string, type: "FLOAT" | "BYTE_ARRAY"): SchemaElement[] => [
  { name, repetition_type: "REQUIRED", converted_type: "LIST", num_children: 1 },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  {
    name: "element",
    type,
    repetition_type: "REQUIRED",
    ...type === "BYTE_ARRAY" ? { converted_type: "UTF8" as const } : {},
  },
];

/** Columns `path` and `features` (a list of floats), or `path`, `labels` and `probabilities` (lists, the most probable first). */
export function parquetWriter(path: string, options: WriterOptions): RowWriter {
  const { predictions, metadata } = options;
  const file = new OutputFile(path);
  const columns = predictions
    ? [...list("labels", "BYTE_ARRAY"), ...list("probabilities", "FLOAT")]
    : list("features", "FLOAT");
  const writer = new ParquetWriter({
    writer: fileWriter(file.temporary),
    schema: [
      { name: "root", num_children: predictions ? 3 : 2 },
      { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
      ...columns,
    ],
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    createdBy: "ccmim",
  });
  let held: Columns = {};
  const flush = () => {
    const columnData = Object.entries(held).map(([name, data]) => ({ name, data }));
    if (columnData.length > 0) writer.write({ columnData, rowGroupSize: GROUP });
    held = {};
  };
  return {
    write: (rows) => {
      for (const [name, values] of Object.entries(columnsOf(rows))) {
        (held[name] ??= []).push(...values);
      }
      if ((held["path"]?.length ?? 0) >= GROUP) flush();
    },
    finish: () => {
      flush();
      writer.finish();
      file.commit();
    },
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

/** Values by column. */
type Columns = Record<string, unknown[]>;

function columnsOf(rows: Rows): Columns {
  const { names } = rows;
  if ("predictions" in rows) {
    return {
      path: [...names],
      labels: rows.predictions.map((all) => all.map(({ label }) => label)),
      probabilities: rows.predictions.map((all) => all.map(({ probability }) => probability)),
    };
  }
  const width = rows.features.length / names.length;
  const each = names.map((_, i) => Array.from(rows.features.subarray(i * width, (i + 1) * width)));
  return { path: [...names], features: each };
}
