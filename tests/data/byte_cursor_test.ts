import assert from "node:assert/strict";
import { type ByteCursor, FileCursor, StreamCursor } from "../../lib/data/byte_cursor.ts";
import { inFolder } from "../_folder.ts";
import { joined, noise } from "./_sources.ts";

const bytes = noise(5, 700_000);

async function* pieces(size: number) {
  for (let at = 0; at < bytes.length; at += size) yield await bytes.slice(at, at + size);
}

/** Has cursors over the same bytes tried, one after the other. */
async function eachCursor(trial: (cursor: ByteCursor, what: string) => Promise<void>) {
  await inFolder(async (folder) => {
    Deno.writeFileSync(`${folder}/bytes`, bytes);
    {
      using cursor = new FileCursor(`${folder}/bytes`);
      await trial(cursor, "file");
    }
    for (const size of [1 << 18, 1000, 7]) {
      using cursor = new StreamCursor(pieces(size));
      await trial(cursor, `stream in pieces of ${size}`);
    }
  });
}

Deno.test("a cursor takes what comes next, whatever was read at once, and what it gave stays", async () => {
  await eachCursor(async (cursor, what) => {
    const taken = [];
    for (const count of [0, 512, 3, 40_000, 1, 300_000, 512]) taken.push(await cursor.take(count));
    assert.deepEqual(joined(...taken), bytes.slice(0, 341_028), what);
    assert.equal(cursor.at, 341_028);
  });
});

Deno.test("a cursor passes over what nobody wants, at the most to the end", async () => {
  await eachCursor(async (cursor, what) => {
    for (const place of [0, 5, 5, 600, 50_000, 500_001]) {
      await cursor.seek(place);
      assert.equal(cursor.at, place, what);
    }
    assert.deepEqual(await cursor.take(9), bytes.slice(500_001, 500_010), what);
    await cursor.seek(1e9);
    assert.equal(cursor.at, bytes.length, what);
    assert.equal((await cursor.take(1)).length, 0, what);
    assert.equal((await cursor.some(1)).length, 0, what);
  });
});

Deno.test("a cursor gives fewer bytes than are asked for only at the end", async () => {
  await eachCursor(async (cursor, what) => {
    await cursor.seek(699_990);
    assert.deepEqual(await cursor.take(2 ** 40), bytes.slice(699_990), what);
  });
});

Deno.test("a cursor gives some bytes after others until there are none", async () => {
  await eachCursor(async (cursor, what) => {
    const some = [await cursor.take(10)];
    for (let piece = await cursor.some(5e5); piece.length > 0; piece = await cursor.some(5e5)) {
      some.push(piece);
    }
    assert.deepEqual(joined(...some), bytes, what);
  });
});

Deno.test("FileCursor goes back", async () => {
  await inFolder((folder) => {
    Deno.writeFileSync(`${folder}/bytes`, bytes);
    using cursor = new FileCursor(`${folder}/bytes`);
    const late = (cursor.seek(600_000), cursor.take(100));
    cursor.seek(17);
    assert.deepEqual(cursor.take(100), bytes.slice(17, 117));
    assert.deepEqual(late, bytes.slice(600_000, 600_100));
    return Promise.resolve();
  });
});

Deno.test("StreamCursor does not go back", async () => {
  using cursor = new StreamCursor(pieces(1000));
  await cursor.take(600);
  await assert.rejects(async () => await cursor.seek(599), {
    message: "Cannot go back to byte 599 of a stream",
  });
  assert.deepEqual(await cursor.take(900), bytes.slice(600, 1500));
});

Deno.test("StreamCursor ends the stream that it is disposed of before the end", async () => {
  let ended = false;
  async function* endless() {
    try {
      while (true) yield await new Uint8Array(10);
    } finally {
      ended = true;
    }
  }
  {
    using cursor = new StreamCursor(endless());
    await cursor.take(15);
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.ok(ended);
});
