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

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const text = v.pipe(v.string(), v.minLength(1));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "Expected 64 hexadecimal digits"));
const fileName = v.pipe(v.string(), v.regex(/^[\w-]+\.bin$/, "Expected a plain file name"));
const perChannel = v.strictTuple([v.number(), v.number(), v.number()]);

const File = v.strictObject({ file: fileName, bytes: positive, sha256 });
const Split = v.strictObject({
  count: positive,
  perClass: v.optional(v.array(whole)),
  index: File,
  shards: v.pipe(v.array(v.strictObject({ ...File.entries, records: positive })), v.minLength(1)),
});

/** What was held out of the training images, if anything. */
const Held = v.nullable(
  v.strictObject({ fraction: v.pipe(v.number(), v.gtValue(0), v.ltValue(1)), seed: whole }),
);

/** Who made pixels. */
const DecoderFacts = v.strictObject({ name: text, version: text, resize: text });

/** What was packed at once. */
const SourceFacts = v.strictObject({ images: positive, bytes: positive, ignored: whole, sha256 });

/** How records are kept: as they are, or each as a JPEG. */
const Store = v.variant("kind", [
  v.strictObject({ kind: v.literal("raw") }),
  v.strictObject({
    kind: v.literal("jpeg"),
    quality: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(100)),
    subsampling: text,
    encoder: text,
  }),
]);

const Manifest = v.strictObject({
  format: v.literal("ccmim-dataset"),
  version: positive,
  size: positive,
  record: v.strictObject({
    dtype: v.literal("uint8"),
    layout: v.literal("HWC"),
    channels: v.literal("RGB"),
    bytes: positive,
    perShard: positive,
  }),
  store: v.optional(Store, { kind: "raw" }),
  fit: v.optional(v.picklist(FITS), "squash"),
  enlarged: v.boolean(),
  decoder: DecoderFacts,
  classes: v.array(text),
  splits: v.strictObject({
    train: v.optional(Split),
    val: v.optional(Split),
    test: v.optional(Split),
  }),
  held: Held,
  statistics: v.strictObject({
    split: v.picklist(SPLITS),
    mean: perChannel,
    deviation: perChannel,
  }),
  source: SourceFacts,
  appended: v.optional(
    v.array(v.strictObject({ decoder: DecoderFacts, held: Held, source: SourceFacts })),
    [],
  ),
  bad: v.array(v.strictObject({ path: v.string(), reason: text })),
});

/** What `manifest.json` says. */
export type Manifest = v.InferOutput<typeof Manifest>;

/** How a dataset keeps its records. */
export type Store = Manifest["store"];

/** What the manifest says of one split. */
export type SplitManifest = v.InferOutput<typeof Split>;

/** The manifest as the bytes of a file. */
export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Reads a manifest. Its version is looked at first, so that a newer one is named as such.
 *
 * @param file name for messages.
 * @throws {DataError} if it is not JSON, is newer, or is not what the format says.
 */
export function decodeManifest(bytes: Uint8Array, file: string): Manifest {
  const json = parse(bytes, file);
  const head = v.safeParse(v.object({ format: Manifest.entries.format, version: positive }), json);
  if (!head.success) throw new DataError(`Cannot read ${file}: ${firstIssue(head.issues)}`);
  checkVersion(head.output.version, file);
  const result = v.safeParse(Manifest, json);
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
