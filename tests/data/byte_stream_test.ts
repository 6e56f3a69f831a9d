import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { byteStream, records, startOf } from "../../lib/data/byte_stream.ts";
import { inFolder } from "../_folder.ts";
import { thrown } from "./_pictures.ts";
import { joined, noise } from "./_sources.ts";

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield await bytes.subarray(at, at + size);
}

Deno.test("records() cuts a stream whatever its chunks are", async () => {
  const bytes = noise(1, 70);
  for (const size of [1, 3, 7, 10, 11, 35, 70]) {
    const cut: Uint8Array[] = [];
    for await (const record of records(pieces(bytes, size), { bytes: 10, file: "x" })) {
      cut.push(record.slice());
    }
    assert.equal(cut.length, 7);
    assert.deepEqual(joined(...cut), bytes, `chunks of ${size}`);
  }
});

Deno.test("records() says where a stream ends within a record", async () => {
  const cut = records(pieces(noise(1, 25), 8), { bytes: 10, file: "x.bin" });
  assert.equal(
    await thrown(() => Array.fromAsync(cut)),
    "DataError: Cannot read x.bin: it ends within a record of 10 bytes",
  );
});

Deno.test("byteStream() and startOf() unpack what is gzipped", async () => {
  await inFolder(async (folder) => {
    const bytes = noise(2, 400_000);
    Deno.writeFileSync(`${folder}/plain`, bytes);
    Deno.writeFileSync(`${folder}/packed`, gzipSync(bytes));
    for (const name of ["plain", "packed"]) {
      const { start, gzip } = await startOf(`${folder}/${name}`, 512);
      assert.equal(gzip, name === "packed");
      assert.deepEqual(start, bytes.subarray(0, 512));
      const read = await Array.fromAsync(byteStream(`${folder}/${name}`, { gzip }));
      assert.deepEqual(joined(...read), bytes);
    }
  });
});
