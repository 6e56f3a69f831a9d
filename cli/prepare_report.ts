/** What `ccmim prepare` prints on standard output. */
import type { PrepareDryRun, PrepareResult, VerifyResult } from "../lib/data/mod.ts";
import { showFigure, showSeconds } from "./progress.ts";

/** What a run and a dry run tell alike. */
type Told = Pick<PrepareResult, "balance" | "splits" | "classes" | "smaller" | "ignored" | "store">;

/** Classes that are listed one by one; of more only those with least and most images. */
const LISTED = 20;

/** Images of each class, by split. */
function showBalance({ balance, splits }: Told): string[] {
  const names = Object.keys(splits) as (keyof typeof splits)[];
  const rows = balance.map(({ name, splits }) => {
    return { name: name ?? "(unlabelled)", counts: names.map((split) => splits[split] ?? 0) };
  });
  const sorted = rows.toSorted((a, b) => a.counts[0]! - b.counts[0]!);
  const few = LISTED / 4;
  const shown = rows.length <= LISTED ? rows : [
    ...sorted.slice(0, few),
    { name: `... ${rows.length - 2 * few} more ...`, counts: names.map(() => "") },
    ...sorted.slice(-few),
  ];
  const width = Math.max(...shown.map(({ name }) => name.length));
  const line = (name: string, counts: readonly (string | number)[]) =>
    `  ${name.padEnd(width)} ${counts.map((count) => String(count).padStart(7)).join(" ")}`
      .trimEnd();
  return [line("", names), ...shown.map(({ name, counts }) => line(name, counts))];
}

/** Images of each split and class. */
function showImages(told: Told): string[] {
  const counts = Object.entries(told.splits).map(([name, split]) => `${name} ${split}`);
  if (told.classes === 0) return [`Unlabelled: ${counts.join(", ")}`];
  return [`${told.classes} classes: ${counts.join(", ")}`, ...showBalance(told)];
}

/** What was left out or stored smaller. */
function showRest({ smaller, ignored }: Told): string[] {
  return [
    ...smaller > 0 ? [`Smaller than that and not enlarged: ${smaller}`] : [],
    ...ignored > 0 ? [`Other files, left out: ${ignored}`] : [],
  ];
}

/** How records are kept, unless as they are. */
function showStore(store: Told["store"]): string {
  return store.kind === "raw" ? "" : `, JPEGs of quality ${store.quality}`;
}

/** The lines that a finished run ends with. */
export function showResult(result: PrepareResult): string {
  const { images, size, bad, seconds, decoder, statistics, contactSheet, continued } = result;
  const [mean, deviation] = [statistics.mean, statistics.deviation].map((channels) =>
    channels.map(showFigure).join(" ")
  );
  return [
    `${result.appended ? "Appended" : "Packed"} ${images} images at ${size} x ${size} in ${
      showSeconds(seconds)
    } (${showFigure(result.imagesPerSecond)} images/s, ${decoder})`,
    ...continued === 0 ? [] : [`Of these, an interrupted run had packed ${continued}`],
    ...showImages(result),
    `Mean ${mean}, deviation ${deviation} (red green blue of ${statistics.split}, 1 = 255)`,
    ...bad.length === 0 ? [] : [
      `${
        bad.length === 1 ? "1 bad image was" : `${bad.length} bad images were`
      } skipped, named in ` +
      `${result.dataset}/manifest.json`,
    ],
    ...showRest(result),
    ...contactSheet === null ? [] : [`Contact sheet: ${contactSheet}`],
    `Dataset: ${result.dataset} (${showFigure(result.bytes / 1e6)} MB${showStore(result.store)})`,
  ].join("\n");
}

/** What verifying found. */
export function showVerified(result: VerifyResult): string {
  const { dataset, files, bytes, damaged, unlisted, seconds } = result;
  const all = `${files} files of ${dataset}, ${showFigure(bytes / 1e6)} MB in ${
    showSeconds(seconds)
  }`;
  return [
    damaged.length === 0 ? `Whole: ${all}` : `Damaged: ${damaged.length} of ${all}`,
    ...damaged.map(({ file, reason }) => `  ${file}: ${reason}`),
    ...damaged.length === 0 ? [] : ["Copy or prepare the dataset again"],
    ...unlisted.length === 0 ? [] : [`Other files, no part of it: ${unlisted.join(", ")}`],
  ].join("\n");
}

/** What a dry run foresees. */
export function showPlan(plan: PrepareDryRun): string {
  const { images, size, fit, enlarged, bad, decoder, workers, shards, bytes } = plan;
  return [
    `Would ${plan.appended ? "append" : "pack"} ${images} images at ${size} x ${size} (${fit}${
      enlarged ? ", enlarged" : ""
    })`,
    ...showImages(plan),
    ...bad.length === 0 ? [] : [
      `Bad images so far: ${bad.length}; only ${plan.tried} of all were decoded`,
    ],
    ...showRest(plan),
    `Decoder: ${decoder.name} ${decoder.version}, ${decoder.resize}, ${workers} thread${
      workers === 1 ? "" : "s"
    }`,
    `Time: about ${showSeconds(plan.seconds)}, as ${plan.tried} images tell`,
    `Dataset: ${plan.dataset} (${showFigure(bytes / 1e6)} MB in ${shards} ${
      shards === 1 ? "shard" : "shards"
    }${showStore(plan.store)}), not written`,
  ].join("\n");
}
