/** `manifest.json`: what a packed dataset holds, in words and checksums; docs/dataset-format.md. */
import * as v from "valibot";
import { DataError } from "./error.ts";
import { FITS } from "./fit.ts";
import { checkVersion } from "./header.ts";

/** Name of the manifest in a dataset's folder. */
export const MANIFEST = "manifest.json";

/** Splits a dataset may have, in the order in which they are listed. */
export const SPLITS = ["train", "val", "test"] as const;

/** Name of a split. */
export type SplitName = (typeof SPLITS)[number];

/** A number for each channel. */
export type Channels = readonly [red: number, green: number, blue: number];

/** A file of a dataset. */
export interface DatasetFile {
  /** Name within the dataset's folder. */
  readonly file: string;
  /** Its length. */
  readonly bytes: number;
  /** Its checksum, in hexadecimal. */
  readonly sha256: string;
}

/** What the manifest says of one split. */
export interface SplitManifest {
  /** Images. */
  readonly count: number;
  /** Images of each class, in the order of the labels. */
  readonly perClass?: readonly number[] | undefined;
  /** Labels and places of the records. */
  readonly index: DatasetFile;
  /** The records. */
  readonly shards: readonly (DatasetFile & { readonly records: number })[];
}

/** How a dataset keeps its records. */
export type Store = { readonly kind: "raw" } | {
  readonly kind: "jpeg";
  readonly quality: number;
  readonly subsampling: string;
  readonly encoder: string;
};

/** Who made pixels. */
export interface DecoderFacts {
  /** Name of the library. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** How images were resized, in the library's words. */
  readonly resize: string;
}

/** What was held out of the training images; null if nothing was. */
export type Held = { readonly fraction: number; readonly seed: number } | null;

/** What was packed at once. */
export interface SourceFacts {
  /** Images. */
  readonly images: number;
  /** Bytes of their files. */
  readonly bytes: number;
  /** Files that were no images. */
  readonly ignored: number;
  /** Checksum over path and content of every image, sorted by path. */
  readonly sha256: string;
}

/** What `manifest.json` says. */
export interface Manifest {
  /** What the file is. */
  readonly format: "ccmim-dataset";
  /** Of the format. */
  readonly version: number;
  /** Pixels a side of a record. */
  readonly size: number;
  /** How the pixels of a record lie. */
  readonly record: {
    readonly dtype: "uint8";
    readonly layout: "HWC";
    readonly channels: "RGB";
    readonly bytes: number;
    readonly perShard: number;
  };
  /** How records are kept. */
  readonly store: Store;
  /** How images were fitted into a record. */
  readonly fit: (typeof FITS)[number];
  /** Whether smaller images were enlarged. */
  readonly enlarged: boolean;
  /** Who decoded the images. */
  readonly decoder: DecoderFacts;
  /** Names of the classes, in the order of the labels. */
  readonly classes: readonly string[];
  /** The splits that there are. */
  readonly splits: { readonly [K in SplitName]?: SplitManifest | undefined };
  /** What was held out. */
  readonly held: Held;
  /** Mean and deviation of the pixels of a split, where 255 is 1. */
  readonly statistics: {
    readonly split: SplitName;
    readonly mean: Channels;
    readonly deviation: Channels;
  };
  /** What was packed. */
  readonly source: SourceFacts;
  /** What was appended later. */
  readonly appended: readonly {
    readonly decoder: DecoderFacts;
    readonly held: Held;
    readonly source: SourceFacts;
  }[];
  /** Images that were left out, and why. */
  readonly bad: readonly { readonly path: string; readonly reason: string }[];
}

const format = v.literal("ccmim-dataset");
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const text = v.pipe(v.string(), v.minLength(1));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "Expected 64 hexadecimal digits"));
const fileName = v.pipe(v.string(), v.regex(/^[\w-]+\.bin$/, "Expected a plain file name"));
const perChannel = v.strictTuple([v.number(), v.number(), v.number()]);

const fileSchema = v.strictObject({ file: fileName, bytes: positive, sha256 });
const splitSchema = v.strictObject({
  count: positive,
  perClass: v.optional(v.array(whole)),
  index: fileSchema,
  shards: v.pipe(
    v.array(v.strictObject({ ...fileSchema.entries, records: positive })),
    v.minLength(1),
  ),
});

const heldSchema = v.nullable(
  v.strictObject({ fraction: v.pipe(v.number(), v.gtValue(0), v.ltValue(1)), seed: whole }),
);

const decoderSchema = v.strictObject({ name: text, version: text, resize: text });

const sourceSchema = v.strictObject({ images: positive, bytes: positive, ignored: whole, sha256 });

const storeSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("raw") }),
  v.strictObject({
    kind: v.literal("jpeg"),
    quality: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(100)),
    subsampling: text,
    encoder: text,
  }),
]);

const manifestSchema: v.GenericSchema<unknown, Manifest> = v.strictObject({
  format,
  version: positive,
  size: positive,
  record: v.strictObject({
    dtype: v.literal("uint8"),
    layout: v.literal("HWC"),
    channels: v.literal("RGB"),
    bytes: positive,
    perShard: positive,
  }),
  store: v.optional(storeSchema, { kind: "raw" }),
  fit: v.optional(v.picklist(FITS), "squash"),
  enlarged: v.boolean(),
  decoder: decoderSchema,
  classes: v.array(text),
  splits: v.strictObject({
    train: v.optional(splitSchema),
    val: v.optional(splitSchema),
    test: v.optional(splitSchema),
  }),
  held: heldSchema,
  statistics: v.strictObject({
    split: v.picklist(SPLITS),
    mean: perChannel,
    deviation: perChannel,
  }),
  source: sourceSchema,
  appended: v.optional(
    v.array(v.strictObject({ decoder: decoderSchema, held: heldSchema, source: sourceSchema })),
    [],
  ),
  bad: v.array(v.strictObject({ path: v.string(), reason: text })),
});

/**
 * The manifest as the bytes of a file.
 *
 * @example
 * ```ts
 * import { decodeManifest, encodeManifest, openDataset } from "./mod.ts";
 *
 * using dataset = openDataset("dataset");
 * console.assert(decodeManifest(encodeManifest(dataset.manifest), "a copy").size === 32);
 * ```
 */
export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Reads a manifest. Its version is looked at first, so that a newer one is named as such.
 *
 * @param file name for messages.
 * @throws {DataError} if it is not JSON, is newer, or is not what the format says.
 *
 * @example
 * ```ts
 * import { decodeManifest } from "./mod.ts";
 *
 * const { classes } = decodeManifest(Deno.readFileSync("dataset/manifest.json"), "manifest.json");
 * console.log(classes);
 * ```
 */
export function decodeManifest(bytes: Uint8Array, file: string): Manifest {
  const json = parse(bytes, file);
  const head = v.safeParse(v.object({ format, version: positive }), json);
  if (!head.success) throw new DataError(`Cannot read ${file}: ${firstIssue(head.issues)}`);
  checkVersion(head.output.version, file);
  const result = v.safeParse(manifestSchema, json);
  if (!result.success) throw new DataError(`Cannot read ${file}: ${firstIssue(result.issues)}`);
  const manifest = result.output;
  if (manifest.record.bytes !== manifest.size ** 2 * 3) {
    throw new DataError(
      `Cannot read ${file}: a record of size ${manifest.size} does not have ${manifest.record.bytes} bytes`,
    );
  }
  return manifest;
}

function parse(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new DataError(`Cannot read ${file}: it is not JSON`, { cause });
  }
}

function firstIssue(issues: readonly v.BaseIssue<unknown>[]): string {
  const issue = issues[0]!;
  const path = issue.path?.map((item) => String(item.key)).join(".");
  return `${path ? `${path}: ` : ""}${issue.message}`;
}
