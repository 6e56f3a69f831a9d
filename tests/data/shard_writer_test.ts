import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { decodeHeader } from "../../lib/data/header.ts";
import { sha256OfFile } from "../../lib/data/named_file.ts";
import {
  type FinishedShards,
  type Hashing,
  type ShardEntry,
  type ShardOptions,
  ShardWriter,
} from "../../lib/data/shard_writer.ts";
import { inFolder } from "../_folder.ts";

const RECORD = 2 * 2 * 3;
const record = (value: number) => new Uint8Array(RECORD).fill(value);

/** Records of some places behind one another in one piece of memory. */
function together(places: readonly number[]): Uint8Array[] {
  const bytes = new Uint8Array(places.length * RECORD);
  return places.map((place, i) => bytes.subarray(i * RECORD, (i + 1) * RECORD).fill(place));
}

/** Two at once, so that shards are written before others are known to be finished. */
const HASHING: Hashing = {
  hash: async (file) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return sha256OfFile(file);
  },
  ahead: 2,
};

/** Remembers finished shards as long as it lives. */
function memory(): FinishedShards & { readonly shards: Map<string, ShardEntry> } {
  const shards = new Map<string, ShardEntry>();
  return {
    shards,
    finished: (file) => shards.get(file),
    finish: (shard) => void shards.set(shard.file, shard),
  };
}

/** First byte of every record, by shard, once the given places were written in that order. */
async function written(
  places: readonly number[],
  options: Partial<ShardOptions> = {},
): Promise<number[][]> {
  const shards: number[][] = [];
  const { store = "raw", begin = { shard: 0, sample: 0 } } = options;
  await inFolder(async (folder) => {
    const all = { folder, split: "val", size: 2, perShard: 3, store, ...options };
    using writer = new ShardWriter(all);
    const records = places.map((place) => {
      const bytes = store === "raw" ? record(place) : new Uint8Array(place + 5).fill(place);
      return { place, ...writer.write(place, bytes) };
    });
    records.sort((a, b) => a.place - b.place);
    const finished = await writer.finish(records, memory(), HASHING);
    for (const { file, bytes, sha256, records: count } of finished) {
      const content = Deno.readFileSync(`${folder}/${file}`);
      assert.equal(content.length, bytes);
      assert.equal(createHash("sha256").update(content).digest("hex"), sha256);
      const header = decodeHeader("shard", content, { file, fileBytes: bytes });
      const first = shards.flat().length;
      assert.deepEqual(header, {
        width: 2,
        height: 2,
        channels: 3,
        records: count,
        first: first + begin.sample,
        store: store === "raw" ? 0 : 1,
      });
      let at = 64;
      shards.push(
        records.slice(first, first + count).map(({ length, crc }) => {
          const bytes = content.subarray(at, at += length);
          assert.equal(crc, store === "raw" ? 0 : crc32(bytes));
          return bytes[0]!;
        }),
      );
      assert.equal(at, bytes);
    }
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(names, shards.map((_, i) => `val-0000${i + begin.shard}.bin`));
  });
  return shards;
}

Deno.test("ShardWriter puts records in their places, whatever the order", async () => {
  assert.deepEqual(await written([0, 1, 2, 3, 4]), [[0, 1, 2], [3, 4]]);
  assert.deepEqual(await written([4, 2, 0, 3, 1, 5]), [[0, 1, 2], [3, 4, 5]]);
});

Deno.test("ShardWriter has written all records once endRun() or sync() is done", async () => {
  for (const end of ["endRun", "sync"] as const) {
    await inFolder(async (folder) => {
      using writer = new ShardWriter({ folder, split: "val", size: 2, perShard: 9, store: "raw" });
      const bytes = together([5, 6, 8]);
      [5, 6, 8].forEach((place, i) => writer.write(place, bytes[i]!));
      await writer[end]();
      bytes.forEach((record) => record.fill(0)); // their memory may be used for others
      await writer.sync();
      const places = Deno.readFileSync(`${folder}/val-00000.bin`).slice(64);
      assert.deepEqual(
        Array.from({ length: 9 }, (_, i) => places[i * RECORD]),
        [0, 0, 0, 0, 0, 5, 6, 0, 8],
        end,
      );
    });
  }
});

Deno.test("ShardWriter puts records in their places that lie together in memory", async () => {
  for (
    const places of [[0, 1, 2, 3, 4, 5, 6, 7], [3, 4, 2, 0, 1, 7, 5, 6], [7, 6, 5, 4, 3, 2, 1, 0]]
  ) {
    await inFolder(async (folder) => {
      const options = { folder, split: "val", size: 2, perShard: 3, store: "raw" } as const;
      using writer = new ShardWriter(options);
      const bytes = together(places);
      const records = places.map((place, i) => ({ place, ...writer.write(place, bytes[i]!) }));
      records.sort((a, b) => a.place - b.place);
      const shards = await writer.finish(records, memory(), HASHING);
      const read = shards.map(({ file }) => Deno.readFileSync(`${folder}/${file}`).slice(64));
      const expected = [[0, 1, 2], [3, 4, 5], [6, 7]].map((shard) =>
        new Uint8Array(shard.flatMap((place) => [...record(place)]))
      );
      assert.deepEqual(read, expected, `in the order ${places}`);
    });
  }
});

Deno.test("ShardWriter closes gaps, also across shards, and drops shards that get empty", async () => {
  assert.deepEqual(await written([0, 2, 3, 5, 6]), [[0, 2, 3], [5, 6]]);
  assert.deepEqual(await written([7, 1]), [[1, 7]]);
});

Deno.test("ShardWriter puts records of any length in order, and numbers shards from any on", async () => {
  const options = { store: "jpeg", begin: { shard: 4, sample: 10 } } as const;
  assert.deepEqual(await written([0, 1, 2, 3, 4], options), [[0, 1, 2], [3, 4]]);
  assert.deepEqual(await written([4, 2, 0, 3, 1, 5], options), [[0, 1, 2], [3, 4, 5]]);
  assert.deepEqual(await written([7, 1, 6, 9, 8], options), [[1, 6, 7], [8, 9]]);
});

/** How a writer ends that is stopped when it says that a shard is finished. */
class Stopped extends Error {}

for (const store of ["raw", "jpeg"] as const) {
  Deno.test(`ShardWriter goes on wherever it was stopped while it finished: ${store}`, async () => {
    const places = [8, 0, 5, 2, 3, 6]; // gaps, so that every shard takes from the next
    const begin = async (folder: string) => {
      const writer = new ShardWriter({ folder, split: "val", size: 2, perShard: 2, store });
      const records = places.map((place) => {
        const bytes = new Uint8Array(store === "raw" ? RECORD : place + 5).fill(place);
        return { place, ...writer.write(place, bytes) };
      });
      await writer.sync();
      return { writer, records: records.sort((a, b) => a.place - b.place) };
    };
    const contents = (folder: string) =>
      Object.fromEntries(
        [...Deno.readDirSync(folder)].map(({ name }) => {
          return [name, Deno.readFileSync(`${folder}/${name}`).toHex()];
        }).sort(),
      );
    let expected = {};
    await inFolder(async (folder) => {
      const { writer, records } = await begin(folder);
      await writer.finish(records, memory(), HASHING);
      expected = contents(folder);
    });
    for (const stopAt of [0, 1, 2]) {
      for (const when of ["before", "after"]) {
        await inFolder(async (folder) => {
          const { writer, records } = await begin(folder);
          const known = memory();
          const stopping: FinishedShards = {
            finished: known.finished,
            finish(shard) {
              const stops = known.shards.size === stopAt;
              if (!stops || when === "after") known.finish(shard);
              if (stops) throw new Stopped();
            },
          };
          await assert.rejects(writer.finish(records, stopping, HASHING), Stopped);
          writer[Symbol.dispose]();
          using next = new ShardWriter({ folder, split: "val", size: 2, perShard: 2, store });
          for (const one of records) next.restore(one);
          await next.finish(records, known, HASHING);
          assert.deepEqual(contents(folder), expected, `${stopAt} ${when}`);
        });
      }
    }
  });
}
