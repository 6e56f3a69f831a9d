/** Parquet files that hold image files, as Hugging Face's `datasets` writes them. */
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import * as v from "valibot";
import { DataError, naming } from "./error.ts";
import { checkPages, checkRows } from "./parquet_pages.ts";
import { readAt } from "./positioned.ts";
import type { Opened, Source, SourceEntry } from "./source.ts";
import { labelOf } from "./tar_source.ts";

/** Columns of labels, the one preferred first. */
const LABELS = ["label", "fine_label", "labels", "class"] as const;

/** What `datasets` says of its columns, as JSON in the file's metadata under "huggingface". */
const Features = v.object({
  info: v.object({
    features: v.record(
      v.string(),
      v.object({ _type: v.optional(v.string()), names: v.optional(v.array(v.string())) }),
    ),
  }),
});

/** Which columns hold what. */
interface Columns {
  readonly image: string;
  readonly label: string | undefined;
  /** Names of the classes, if the file says them. */
  readonly names: readonly string[] | undefined;
}

/** True if a file that starts so is Parquet. */
export function isParquet(start: Uint8Array): boolean {
  return String.fromCharCode(...start.subarray(0, 4)) === "PAR1";
}

/**
 * The images of a column of structs `{ bytes, path }`, or of bytes called `image`; labels are those of a column `label` or
 * `fine_label`: numbers, whose names the file may say, or text. One group of rows is in memory at a time.
 */
export function parquetSource({ path, name, split }: Opened): Source {
  const named = naming(`Cannot read ${path} as Parquet`);
  async function* entries(): AsyncGenerator<SourceEntry> {
    using disk = await Deno.open(path);
    const file = bufferOf(disk);
    const metadata = await named(() => parquetMetadataAsync(file));
    const columns = await named(() => {
      checkRows(metadata, file.byteLength, path);
      return columnsOf(metadata, path);
    });
    if (columns.names !== undefined) yield { kind: "classes", names: columns.names };
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      const wanted = [columns.image, ...columns.label === undefined ? [] : [columns.label]];
      await named(() => checkPages(disk, group, { columns: wanted, path }));
      const rows: readonly Record<string, unknown>[] = await named(() =>
        parquetReadObjects({
          file,
          metadata,
          compressors,
          utf8: false,
          columns: wanted,
          rowStart,
          rowEnd,
        })
      );
      for (const [i, row] of rows.entries()) {
        const { bytes, file } = imageOf(row[columns.image]);
        const number = String(rowStart + i).padStart(8, "0");
        const at = file === undefined ? number : `${number}-${file}`;
        if (bytes === undefined) {
          yield { kind: "bad", path: at, reason: "no bytes of an image in its row" };
          continue;
        }
        const label = columns.label === undefined ? undefined : labelOf(row[columns.label]);
        const read = () => Promise.resolve(bytes);
        yield { kind: "file", path: at, size: bytes.length, place: { split, label }, read };
      }
      rowStart = rowEnd;
    }
  }
  return { name, split, entries };
}

/** A file on the disk as `hyparquet` reads it. */
function bufferOf(file: Deno.FsFile): AsyncBuffer {
  const { size } = file.statSync();
  const slice = (start: number, end = size) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
    readAt(file, start, bytes);
    return quiet(Promise.resolve(bytes.buffer));
  };
  return { byteLength: size, slice };
}

/**
 * A promise of which all that follows counts as looked at. `hyparquet` starts to decode columns that it may turn out not to
 * want, and a failure that nobody looks at would end the process; one that somebody waits for still reaches them.
 */
function quiet<T>(promise: Promise<T>): Promise<T> {
  const plain = promise.then.bind(promise);
  return Object.assign(promise, {
    then<A = T, B = never>(
      onValue?: ((value: T) => A | PromiseLike<A>) | null,
      onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
    ): Promise<A | B> {
      const next = plain(onValue, onError);
      next.then(undefined, () => {});
      return quiet(next);
    },
  });
}

function columnsOf(metadata: FileMetaData, path: string): Columns {
  const features = featuresOf(metadata);
  const { children } = parquetSchema(metadata);
  const columns = children.map(({ element }) => element.name);
  const image = columns.find((name) => features[name]?._type === "Image") ??
    children.find(({ children }) => children.some(({ element }) => element.name === "bytes"))
      ?.element.name ??
    children.find(({ element: { name, type } }) =>
      type === "BYTE_ARRAY" && /^(image|img)$/.test(name)
    )
      ?.element.name;
  if (image === undefined) {
    throw new DataError(
      `Cannot use ${path}: none of its columns holds images: ${columns.join(", ")}`,
    );
  }
  const label = LABELS.find((name) => columns.includes(name)) ??
    columns.find((name) => features[name]?._type === "ClassLabel");
  return { image, label, names: label === undefined ? undefined : features[label]?.names };
}

function featuresOf({ key_value_metadata: pairs = [] }: FileMetaData) {
  const text = pairs.find(({ key }) => key === "huggingface")?.value;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Features), text);
  return parsed.success ? parsed.output.info.features : {};
}

/** The bytes of an image and the name of the file it was. */
function imageOf(value: unknown): {
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  readonly file: string | undefined;
} {
  if (value instanceof Uint8Array) {
    return { bytes: value as Uint8Array<ArrayBuffer>, file: undefined };
  }
  if (typeof value !== "object" || value === null) return { bytes: undefined, file: undefined };
  const members = new Map<string, unknown>(Object.entries(value));
  const [bytes, path] = [members.get("bytes"), members.get("path")];
  return {
    bytes: bytes instanceof Uint8Array ? bytes as Uint8Array<ArrayBuffer> : undefined,
    file: typeof path === "string" && path !== "" ? path.split("/").at(-1) : undefined,
  };
}
