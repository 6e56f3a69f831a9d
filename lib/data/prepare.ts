/** Packing images from folders, tars, lists or other files into a dataset; docs/dataset-format.md. */
import { dirname } from "node:path";
import { AtomicFolder } from "./atomic_folder.ts";
import { CONTACT_SHEET, contactSheet } from "./contact_sheet.ts";
import { openDataset } from "./dataset.ts";
import { namedIfFull } from "./error.ts";
import { FORMAT_VERSION } from "./header.ts";
import { encodeManifest, MANIFEST, type Manifest } from "./manifest.ts";
import { packInto, removeJournal, startPool } from "./packing.ts";
import { resultOf } from "./prepare_result.ts";
import {
  checkApart,
  heldOf,
  isDataset,
  openInputs,
  planPacking,
  reporterOf,
} from "./prepare_plan.ts";
import { checkPrepareOptions, type PrepareOptions, type PrepareResult } from "./prepare_options.ts";
import { sourceOf, statisticsOf } from "./summary.ts";
import { writeIndices } from "./write_indices.ts";

/**
 * Packs the images of `source` into the folder `target`: a folder, a tar or another file that holds or lists images
 * (docs/dataset-format.md), or several of them. The same images give the same bytes, whether they come from a folder or a tar
 * and however many threads decode them.
 *
 * @throws {DataError} if the source cannot be used, too many images are bad, or `target` exists.
 * @throws {DiskFullError} if there is no room for it.
 * @throws {RangeError} if an option is out of its range.
 *
 * @example
 * ```ts
 * import { openDataset, prepare } from "./mod.ts";
 *
 * await prepare("pictures", "packed-too", { size: 32 });
 * using dataset = openDataset("packed-too");
 * console.log(dataset.manifest.classes);
 * ```
 */
export async function prepare(
  source: string | readonly string[],
  target: string,
  options: PrepareOptions = {},
): Promise<PrepareResult> {
  try {
    return await prepareAll(source, target, options);
  } catch (error) {
    throw namedIfFull(error, target);
  }
}

async function prepareAll(
  source: string | readonly string[],
  target: string,
  options: PrepareOptions,
): Promise<PrepareResult> {
  checkPrepareOptions(options);
  const began = performance.now();
  const report = reporterOf(options);
  const paths = typeof source === "string" ? [source] : source;
  checkApart(paths, target);
  const inputs = await openInputs(paths, options);
  using folder = new AtomicFolder(target, options.force ? isDataset : undefined);
  using pool = startPool(inputs, options);
  const plan = await planPacking(inputs, options, report);
  const { found, bad, fitting, store, perShard } = plan;
  const { size, fit, enlarged } = fitting;

  const packed = await packInto(folder, inputs, plan, { pool, report });
  const { kept } = packed;
  const splits = writeIndices(folder, packed, { classes: found.classes.length, store });
  const { decoder } = inputs;
  const manifest: Manifest = {
    format: "ccmim-dataset",
    version: FORMAT_VERSION,
    size,
    record: { dtype: "uint8", layout: "HWC", channels: "RGB", bytes: size * size * 3, perShard },
    store,
    fit,
    enlarged,
    decoder: { name: decoder.name, version: decoder.version, resize: decoder.resize },
    classes: [...found.classes],
    splits,
    held: heldOf(options),
    statistics: statisticsOf(packed),
    source: sourceOf(kept, found),
    appended: [],
    bad: bad.list(),
  };
  const bytes = encodeManifest(manifest);
  folder.writeFile(MANIFEST, bytes);
  const { contactSheet: sheet } = options;
  const picture = sheet === false ? undefined : pictureOf(folder.path);
  if (picture !== undefined && sheet === undefined) folder.writeFile(CONTACT_SHEET, picture);
  options.onProgress?.({ phase: "finish", done: kept.length, total: kept.length, bad: bad.count });
  folder.commit();
  removeJournal(target);
  if (picture !== undefined && typeof sheet === "string") writeFile(sheet, picture);

  return resultOf({
    target,
    manifest,
    bytes,
    packed,
    found,
    fitting,
    decoder: decoder.name,
    bad: manifest.bad,
    appended: false,
    contactSheet: sheet === false ? null : sheet ?? `${target}/${CONTACT_SHEET}`,
    seconds: (performance.now() - began) / 1000,
  });
}

function pictureOf(folder: string): Uint8Array<ArrayBuffer> {
  using dataset = openDataset(folder);
  return contactSheet(dataset);
}

/** Writes a file, which may lie in folders that are not there yet. */
function writeFile(path: string, bytes: Uint8Array): void {
  Deno.mkdirSync(dirname(path), { recursive: true });
  Deno.writeFileSync(path, bytes);
}
