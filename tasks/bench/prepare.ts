/** Times `prepare` in a process of its own, so that peak memory is its own. Prints one JSON line. */
import { parseArgs } from "node:util";
import { type DecoderName, prepare } from "../../lib/data/mod.ts";
import { peakResidentBytes } from "../../lib/runtime/mod.ts";

/** What one process measured. */
export type PrepareFigures = {
  readonly img_s: number;
  readonly images: number;
  readonly peak_rss_mib: number;
};

const { values } = parseArgs({
  options: {
    source: { type: "string", default: "" },
    target: { type: "string", default: "" },
    size: { type: "string", default: "256" },
    decoder: { type: "string", default: "sharp" },
    /** How often the source is packed, where it has fewer images than the limit. */
    times: { type: "string", default: "1" },
    limit: { type: "string", default: "1000000" },
    workers: { type: "string", default: "1" },
  },
});
const limit = Number(values.limit);
const options = {
  size: Number(values.size),
  decoder: values.decoder as DecoderName,
  workers: Number(values.workers),
  contactSheet: false,
} as const;
await Deno.remove(values.target, { recursive: true }).catch(() => {}); // what removing takes is no part of packing
const sources = new Array<string>(Number(values.times)).fill(values.source);
const result = await prepare(sources, values.target, { ...options, limit });
const figures: PrepareFigures = {
  img_s: result.imagesPerSecond,
  images: result.images,
  peak_rss_mib: peakResidentBytes() / 2 ** 20,
};
console.log(JSON.stringify(figures));
