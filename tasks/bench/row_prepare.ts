/** Rows of packing, by decoder: rate with all threads, and what the second half of them adds. */
import type { BenchRequest, Case, Figures, Peer } from "./cases.ts";
import { drawPictures, PICTURES } from "./pictures.ts";
import type { PrepareFigures } from "./prepare.ts";
import { type Cores, measured, measuredHere } from "./process.ts";
import { isImagePath } from "../../lib/data/layout.ts";
import { openSources } from "../../lib/data/open_source.ts";
import { filesOf } from "../../lib/data/source.ts";

/** Images of a run at most, by decoder: `jpeg-js` is ten times slower. */
const LIMITS = {
  photographs: { size: 256, sharp: 4032, "jpeg-js": 504 },
  small: { size: 32, sharp: 60_000, "jpeg-js": 30_000 },
} as const;

/** What is left of these for a quick look. */
const QUICK = 8;

/** Decoders that the small pictures and the photographs are packed with; the first alone for a quick look. */
const DECODERS = ["sharp", "jpeg-js"] as const;

/** A case a kind of pictures and decoder. `folder` takes what is drawn and packed. */
export async function prepareCases(request: BenchRequest, folder: string): Promise<Case[]> {
  const cases: Case[] = [];
  for (const kind of ["photographs", "small"] as const) {
    const source = request[kind] ?? await drawPictures(folder, kind, PICTURES[kind]);
    const images = await countImages(source);
    for (const decoder of request.quick ? DECODERS.slice(0, 1) : DECODERS) {
      const { size } = LIMITS[kind];
      const limit = Math.ceil(LIMITS[kind][decoder] / (request.quick ? QUICK : 1));
      const times = Math.ceil(limit / images);
      cases.push({
        name: `${kind} to ${size} px, ${decoder}, ${request.threads} threads`,
        figures: [
          { row: "prepare", key: "img_s", label: "rate", unit: "images/s" },
          {
            row: "prepare",
            key: "efficiency",
            label: "all cores over as many times one",
            unit: "",
          },
          { row: "prepare", key: "workers", label: "all workers over as many times one", unit: "" },
          { row: "memory", key: "peak_rss_mib", label: "peak of packing", unit: "MiB" },
        ],
        measure: () =>
          scaled(request.threads, (workers, cores) =>
            measuredHere<PrepareFigures>("prepare.ts", {
              source,
              target: `${folder}/packed`,
              size,
              decoder,
              limit,
              times,
              workers,
            }, cores)),
        ...pillowPeer(request, { source, size, limit }),
      });
    }
  }
  return cases;
}

/**
 * Measures with all workers on all cores, with one worker on one core, and with one worker on all cores: how the rate of all compares
 * with as many times the rate of one. Where processes cannot be held to a core (all but Linux), one worker always has all.
 */
async function scaled(
  workers: number,
  measure: (workers: number, cores: Cores) => Promise<Figures & Pick<PrepareFigures, "img_s">>,
): Promise<Figures> {
  const all = await measure(workers, "all");
  const one = await measure(1, "one");
  const oneWorker = await measure(1, "all");
  return {
    ...all,
    efficiency: all.img_s / (workers * one.img_s),
    workers: all.img_s / (workers * oneWorker.img_s),
  };
}

/** Images of a source. */
async function countImages(source: string): Promise<number> {
  let images = 0;
  for await (const { path, place } of filesOf(await openSources([source]))) {
    if (place !== undefined || isImagePath(path)) images++;
  }
  return images;
}

/** Pillow, which decodes and resizes the same images in as many processes and writes nothing. */
function pillowPeer(
  { peer, python, threads }: BenchRequest,
  { source, size, limit }: {
    readonly source: string;
    readonly size: number;
    readonly limit: number;
  },
): { peer: Peer } | Record<never, never> {
  if (peer === undefined) return {};
  const script = new URL("pillow_resize.py", import.meta.url).pathname;
  const measure = (workers: number, cores: Cores) => {
    const numbers = [size, limit, workers].map(String);
    const args = ["-B", script, source, ...numbers];
    return measured<Omit<PrepareFigures, "peak_rss_mib">>(python, { args, cores });
  };
  return { peer: { name: "Pillow", measure: () => scaled(threads, measure) } };
}
