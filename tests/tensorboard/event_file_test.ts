import assert from "node:assert/strict";
import { crc32c } from "../../lib/tensorboard/crc32c.ts";
import { EventFile, frameRecord } from "../../lib/tensorboard/mod.ts";
import { readEvents, recordsOf, slowCrc32c } from "./_events.ts";

const ascii = (text: string) => new TextEncoder().encode(text);

Deno.test("crc32c() is Castagnoli's", () => {
  assert.equal(crc32c(ascii("123456789")), 0xe3069283); // RFC 3720's check value
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa); // RFC 3720, B.4
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
  assert.equal(crc32c(bytes), slowCrc32c(bytes));
});

Deno.test("frameRecord() puts lengths and masked checksums around the data", () => {
  const record = frameRecord(ascii("abc"));
  // What TensorBoard's own writer makes of these bytes
  assert.equal(record.toHex(), "0300000000000000b099490e6162636e57f121");
  assert.deepEqual(recordsOf(record).map((data) => new TextDecoder().decode(data)), ["abc"]);
});

Deno.test("EventFile writes what a reader finds again", () => {
  const folder = Deno.makeTempDirSync();
  try {
    let path: string;
    {
      using file = new EventFile(`${folder}/deep`, { step: 0, now: () => 1_500 });
      path = file.path;
      file.write(1, { kind: "scalars", values: { "a/b": 0.25, c: -3 } });
      const image = { png: Uint8Array.of(1, 2, 3), width: 4, height: 5 };
      file.write(2_000_000, { kind: "image", tag: "pictures", image });
      file.write(3, { kind: "text", tag: "words", text: "caf\u00e9 | x" });
    }
    assert.match(path, /events\.out\.tfevents\.0000000001\.0\.ccmim$/);
    assert.deepEqual(readEvents(Deno.readFileSync(path)), {
      version: "brain.Event:2",
      start: 0,
      time: 1.5,
      values: [
        { step: 1, tag: "a/b", value: 0.25 },
        { step: 1, tag: "c", value: -3 },
        { step: 2_000_000, tag: "pictures", value: Uint8Array.of(1, 2, 3) },
        { step: 3, tag: "words", value: "caf\u00e9 | x" },
      ],
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("EventFile says where a resumed run starts anew, in a file of its own", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const now = () => 7_000;
    using first = new EventFile(folder, { step: 0, now });
    using second = new EventFile(folder, { step: 10, now });
    assert.ok(second.path > first.path);
    assert.equal(readEvents(Deno.readFileSync(second.path)).start, 11);
    assert.equal(readEvents(Deno.readFileSync(first.path)).start, 0);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
