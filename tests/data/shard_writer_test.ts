import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { decodeHeader } from "../../lib/data/header.ts";
import { ShardWriter } from "../../lib/data/shard_writer.ts";
import { inTempFolder } from "./_pictures.ts";

const RECORD = 2 * 2 * 3;
const record = (value: number) => new Uint8Array(RECORD).fill(value);

/** First byte of every record, by shard, once the given places were written in that order. */
async function written(places: readonly number[]): Promise<number[][]> {
  const shards: number[][] = [];
  await inTempFolder((folder) => {
    using writer = new ShardWriter({ folder, split: "val", size: 2, perShard: 3 });
    for (const place of places) writer.write(place, record(place));
    const sorted = places.toSorted((a, b) => a - b);
    for (const { file, bytes, sha256, records } of writer.finish(sorted)) {
      const content = Deno.readFileSync(`${folder}/${file}`);
      assert.equal(content.length, bytes);
      assert.equal(createHash("sha256").update(content).digest("hex"), sha256);
      const header = decodeHeader("shard", content, { file, fileBytes: bytes });
      const first = shards.flat().length;
      assert.deepEqual(header, { width: 2, height: 2, channels: 3, records, first, store: 0 });
      shards.push(Array.from({ length: records }, (_, i) => content[64 + i * RECORD]!));
    }
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(names, shards.map((_, i) => `val-0000${i}.bin`));
  });
  return shards;
}

Deno.test("ShardWriter puts records in their places, whatever the order", async () => {
  assert.deepEqual(await written([0, 1, 2, 3, 4]), [[0, 1, 2], [3, 4]]);
  assert.deepEqual(await written([4, 2, 0, 3, 1, 5]), [[0, 1, 2], [3, 4, 5]]);
});

Deno.test("ShardWriter closes gaps, also across shards, and drops shards that get empty", async () => {
  assert.deepEqual(await written([0, 2, 3, 5, 6]), [[0, 2, 3], [5, 6]]);
  assert.deepEqual(await written([7, 1]), [[1, 7]]);
});
