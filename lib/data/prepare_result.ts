/** What preparing and appending end with. */
import { createHash } from "node:crypto";
import type { DecoderName } from "./decoder.ts";
import type { FitOptions } from "./fit.ts";
import type { Manifest } from "./manifest.ts";
import type { KeptImages } from "./packed_images.ts";
import type { Packed } from "./packing.ts";
import type { PrepareResult } from "./prepare_options.ts";
import type { Scan } from "./scan.ts";
import { balanceOf, bytesOf, countsOf, isSmaller, warningsOf } from "./summary.ts";

/** All that is known at the end. */
export interface Ending {
  readonly target: string;
  readonly manifest: Manifest;
  /** Of the manifest. */
  readonly bytes: Uint8Array;
  readonly packed: Packed;
  readonly found: Scan;
  readonly fitting: FitOptions;
  readonly decoder: DecoderName;
  /** Images that were skipped now. */
  readonly bad: PrepareResult["bad"];
  readonly appended: boolean;
  readonly contactSheet: string | null;
  readonly seconds: number;
}

/** The result of a run. */
export function resultOf(ending: Ending): PrepareResult {
  const { target, manifest, bytes, packed, found, fitting, seconds } = ending;
  const { kept, continued } = packed;
  const { size, splits, classes, statistics, store } = manifest;
  return {
    dataset: target,
    digest: createHash("sha256").update(bytes).digest("hex"),
    size,
    classes: classes.length,
    splits: countsOf(splits),
    balance: balanceOf(classes, splits),
    statistics,
    images: kept.length,
    continued,
    smaller: countSmaller(kept, fitting),
    bad: ending.bad,
    warnings: [...packed.warnings, ...warningsOf(found)],
    ignored: found.ignored,
    decoder: ending.decoder,
    store,
    appended: ending.appended,
    contactSheet: ending.contactSheet,
    bytes: bytes.length + bytesOf(splits),
    seconds,
    imagesPerSecond: kept.length / seconds,
  };
}

function countSmaller(kept: KeptImages, fitting: FitOptions): number {
  let count = 0;
  for (const i of kept.of()) if (isSmaller(kept.candidates.header(i), fitting)) count++;
  return count;
}
