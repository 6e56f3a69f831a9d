/**
 * What an unfinished dataset holds already, in a file beside it, so that the next run goes on where one was interrupted. Only what
 * is on the disk is in it.
 */
import * as v from "valibot";
import type { PackedImage } from "./pack.ts";
import { PackedImages } from "./packed_images.ts";
import { writeAt } from "./positioned.ts";
import type { FinishedShards, ShardEntry } from "./shard_writer.ts";

/** Name of the file. */
export const JOURNAL = "journal.jsonl";

/** Bytes that are read at once. */
const PIECE = 1 << 18;

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** First line: what is packed and how, as a digest. */
const Head = v.strictObject({
  journal: v.literal("ccmim-prepare"),
  version: v.literal(1),
  plan: hex,
});

const Line = v.union([
  v.strictObject({
    image: whole,
    place: whole,
    sha256: hex,
    fileBytes: whole,
    sums: v.array(whole),
    at: whole,
    length: whole,
    crc: whole,
  }),
  v.strictObject({ file: v.string(), bytes: whole, sha256: hex, records: whole }),
]);

/** A journal that is open for more. */
export class Journal implements FinishedShards, Disposable {
  /** What earlier runs have packed is noted in it. */
  readonly packed: PackedImages;
  /** False if there was a journal of the same plan. */
  readonly isNew: boolean;
  readonly #shards = new Map<string, ShardEntry>();
  readonly #file: Deno.FsFile;
  #end = 0;
  #waiting: string[] = [];

  /**
   * Opens the journal in a folder, or begins one.
   *
   * @param plan SHA-256 of everything on which the bytes of the dataset depend but the pixels, and number of the candidates.
   * @param clear called before a new one is begun, to remove what belongs to another.
   */
  constructor(
    folder: string,
    { plan, candidates }: { readonly plan: string; readonly candidates: number },
    clear: () => void,
  ) {
    this.packed = new PackedImages(candidates);
    const path = `${folder}/${JOURNAL}`;
    const lines = linesOf(path);
    const first = lines.next();
    this.isNew = !isOfPlan(first.done ? "" : first.value, plan);
    if (this.isNew) {
      lines.return(undefined); // closes the file
      clear();
      this.#file = Deno.openSync(path, { write: true, createNew: true });
      this.#append([{ journal: "ccmim-prepare", version: 1, plan }]);
      return;
    }
    this.#file = Deno.openSync(path, { write: true });
    this.#end = first.value!.length + 1;
    for (const text of lines) {
      const line = v.safeParse(Line, parsed(text));
      if (!line.success || "image" in line.output && line.output.image >= candidates) {
        break; // cut off while it was written
      }
      this.#end += text.length + 1;
      if ("file" in line.output) this.#shards.set(line.output.file, line.output);
      else {
        const { image, sha256, ...rest } = line.output;
        this.packed.note(image, { ...rest, sha256: Uint8Array.fromHex(sha256) });
      }
    }
    this.#file.truncateSync(this.#end);
  }

  /** Whether any shard is finished, after which no record can be written. */
  get hasShards(): boolean {
    return this.#shards.size > 0;
  }

  /** An image was written, but may not be on the disk yet. */
  add(image: number, { sha256, ...rest }: PackedImage & { readonly place: number }): void {
    this.#waiting.push(JSON.stringify({ image, ...rest, sha256: sha256.toHex() }));
  }

  /** Notes the images that were added, once `sync` has brought their records to the disk; those added meanwhile wait. */
  async flush(sync: () => Promise<void>): Promise<void> {
    const lines = this.#waiting.splice(0);
    await sync();
    if (lines.length > 0) this.#write(lines);
  }

  finished(file: string): ShardEntry | undefined {
    return this.#shards.get(file);
  }

  finish(shard: ShardEntry): void {
    this.#shards.set(shard.file, shard);
    this.#append([shard]);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #append(lines: readonly unknown[]): void {
    this.#write(lines.map((line) => JSON.stringify(line)));
  }

  #write(lines: readonly string[]): void {
    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
    writeAt(this.#file, this.#end, bytes);
    this.#end += bytes.length;
    this.#file.syncSync();
  }
}

/** Whole lines of a file, which may be large; none if there is no file. All of it is ASCII. */
function* linesOf(path: string): Generator<string, undefined> {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  using _ = file;
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(PIECE);
  let rest = "";
  for (let count = file.readSync(buffer); count !== null; count = file.readSync(buffer)) {
    const lines = (rest + decoder.decode(buffer.subarray(0, count))).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

function isOfPlan(line: string, plan: string): boolean {
  const head = v.safeParse(Head, parsed(line));
  return head.success && head.output.plan === plan;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
