import assert from "node:assert/strict";
import { decodeHeader, encodeHeader, HEADER_BYTES } from "../../lib/data/header.ts";

const fields = { width: 8, height: 8, channels: 3, records: 5, first: 10, store: 1 };
const given = { file: "x.bin", fileBytes: 5_000_000_000 };

/** The header after `change` at byte `at`. */
function changed(at: number, value: number): Uint8Array {
  const bytes = encodeHeader("shard", given.fileBytes, fields);
  bytes[at] = value;
  return bytes;
}

Deno.test("encodeHeader() puts every number where the format says", () => {
  const bytes = encodeHeader("shard", given.fileBytes, fields);
  const view = new DataView(bytes.buffer);
  assert.equal(bytes.length, 64);
  assert.equal(new TextDecoder().decode(bytes.subarray(0, 8)), "CCMIMSHD");
  assert.deepEqual([8, 12].map((at) => view.getUint32(at, true)), [2, 64]);
  assert.equal(view.getBigUint64(16, true), 5_000_000_000n);
  const numbers = [24, 28, 32, 36, 40, 44].map((at) => view.getUint32(at, true));
  assert.deepEqual(numbers, [8, 8, 3, 5, 10, 1]);
  assert.deepEqual(decodeHeader("shard", bytes, given), fields);
});

Deno.test("decodeHeader() reads version 1, which had no store", () => {
  const bytes = changed(8, 1);
  bytes[44] = 0;
  assert.deepEqual(decodeHeader("shard", bytes, given), { ...fields, store: 0 });
});

Deno.test("decodeHeader() refuses another kind, a newer version, another size and damage", () => {
  const refused: [Uint8Array, RegExp][] = [
    [changed(0, 0x58), /^Cannot read x.bin as a dataset's shard: it does not start with CCMIMSHD$/],
    [
      changed(8, 3),
      /^Cannot read x.bin: its format version 3 is newer than 2, .* use a newer ccmim$/,
    ],
    [changed(8, 0), /^Cannot read x.bin: there is no format version 0$/],
    [changed(16, 1), /^Cannot read x.bin: it has 5000000000 bytes, its header says \d+; /],
    [changed(12, 65), /^Cannot read x.bin: its header is damaged; /],
    [changed(63, 1), /^Cannot read x.bin: its header is damaged; /],
    [changed(0, 0x43).subarray(0, HEADER_BYTES - 1), /does not start with CCMIMSHD/],
    [encodeHeader("index", given.fileBytes, { samples: 1, pathBytes: 2, columns: 4 }), /CCMIMSHD/],
  ];
  for (const [bytes, message] of refused) {
    assert.throws(() => decodeHeader("shard", bytes, given), { name: "DataError", message });
  }
});
