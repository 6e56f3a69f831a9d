import assert from "node:assert/strict";
import { paxAttributes } from "../../lib/data/pax.ts";
import { bytesOf, joined } from "./_sources.ts";

Deno.test("paxAttributes() gives path and size, the last of each, whatever else there is", () => {
  const text = "12 path=abc\n14 mtime=1.25\n12 size=123\n12 path=\u{fc}b\n";
  assert.deepEqual(paxAttributes(bytesOf(text)), { path: "\u{fc}b", size: 123 });
  assert.deepEqual(paxAttributes(new Uint8Array()), {});
  const binary = joined(bytesOf("10 x=12"), new Uint8Array([0xff, 0x00, 0x0a]), bytesOf(text));
  assert.equal(paxAttributes(binary).size, 123, "bytes that are no text");
  assert.equal(paxAttributes(joined(bytesOf(text), new Uint8Array(9))).size, 123, "padded");
});

Deno.test("paxAttributes() ends a value where its length says, not where a line ends", () => {
  assert.deepEqual(paxAttributes(bytesOf("21 path=a\n11 size=7\n\n")), { path: "a\n11 size=7\n" });
  assert.throws(() => paxAttributes(bytesOf("20 path=a\n11 size=7\n\n")));
});

Deno.test("paxAttributes() refuses what is damaged", () => {
  for (
    const text of [
      "path=abc\n",
      "13 path=abc\n",
      "11 path=abc\n",
      "0 path=abc\n",
      "5 abc\n",
      "7 =abc\n",
    ]
  ) {
    assert.throws(() => paxAttributes(bytesOf(text)), {
      message: "attributes of an entry are damaged",
    }, text);
  }
  for (const size of ["-1", "1.5", "ten", "9".repeat(17)]) {
    const length = size.length + 9;
    assert.throws(() => paxAttributes(bytesOf(`${length} size=${size}\n`)), {
      message: `attributes of an entry say that it has ${size} bytes`,
    });
  }
});
