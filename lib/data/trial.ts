/** How fast images are decoded here: some of them, by the threads that would decode all. */
import { DecodePool, type ImageFile } from "./decode_pool.ts";
import { recordOf } from "./decode_reply.ts";
import { storedSize } from "./fit.ts";
import type { Inputs, PackingPlan } from "./prepare_plan.ts";
import type { BadImage } from "./scan.ts";
import { filesOf } from "./source.ts";

/** What is decoded at most. */
const MOST = { images: 512, bytes: 64 << 20 } as const;

/** Images of a batch: few, so that every thread has some. */
const BATCH = 8;

/** What a trial found. */
export interface Trial {
  readonly images: number;
  /** Of all threads together. */
  readonly imagesPerSecond: number;
  /** Of a record, on average. */
  readonly recordBytes: number;
  readonly bad: readonly BadImage[];
}

/** An image of the trial. */
interface Tried extends ImageFile {
  readonly path: string;
}

/**
 * Decodes some images, evenly spread over all. Where there are enough, the first half is decoded but not timed: code is compiled
 * in it.
 */
export async function tryDecoding(
  inputs: Inputs,
  plan: PackingPlan,
  { workers, signal }: { readonly workers: number; readonly signal: AbortSignal | undefined },
): Promise<Trial> {
  const images = await readSome(inputs, plan, signal);
  const batches = Array.from(
    { length: Math.ceil(images.length / BATCH) },
    (_, i) => images.slice(i * BATCH, (i + 1) * BATCH),
  );
  using pool = await DecodePool.open(
    {
      decoder: inputs.decoder.name,
      quality: plan.store.kind === "jpeg" ? plan.store.quality : null,
      ...inputs.settings,
    },
    Math.min(workers, batches.length),
  );
  const { size } = plan.fitting;
  const bad: BadImage[] = [];
  let recordBytes = 0;
  const decode = async (batches: readonly (readonly Tried[])[]) => {
    await Promise.all(batches.map(async (batch) => {
      const reply = await pool.decode(batch, size);
      batch.forEach(({ path }, i) => {
        const reason = reply.reasons.get(i);
        if (reason !== undefined) bad.push({ path, reason });
        else recordBytes += recordOf(reply, i).length;
      });
    }));
  };
  const warm = batches.length >= 4 * workers ? Math.floor(batches.length / 2) : 0;
  await decode(batches.slice(0, warm));
  const began = performance.now();
  await decode(batches.slice(warm));
  const seconds = (performance.now() - began) / 1000;
  const imagesPerSecond = (images.length - warm * BATCH) / seconds;
  const good = Math.max(1, images.length - bad.length);
  return { images: images.length, imagesPerSecond, recordBytes: recordBytes / good, bad };
}

/** Reads images, evenly spread over the sorted paths. */
async function readSome(
  { sources }: Inputs,
  { found: { candidates }, fitting }: PackingPlan,
  signal: AbortSignal | undefined,
): Promise<Tried[]> {
  const count = Math.min(MOST.images, candidates.length);
  const chosen = new Map(Array.from({ length: count }, (_, i) => {
    const candidate = candidates.at(Math.floor(i * candidates.length / count));
    return [candidate.source, candidate];
  }));
  const tried: Tried[] = [];
  let total = 0;
  for await (const file of filesOf(sources)) {
    const candidate = chosen.get(file.path);
    if (candidate === undefined) continue;
    signal?.throwIfAborted();
    const { path, header } = candidate;
    const content = file.onDisk ?? (await file.read()).slice(); // a view would keep all around it
    tried.push({ path, size: file.size, header, stored: storedSize(header, fitting), content });
    total += file.size;
    if (tried.length === count || total >= MOST.bytes) break;
  }
  return tried;
}
