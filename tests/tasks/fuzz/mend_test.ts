import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { isTar } from "../../../lib/data/tar_header.ts";
import { encodeSafetensors, parseSafetensors } from "../../../lib/checkpoint/mod.ts";
import { mendPng, mendSafetensors, mendTar } from "../../../tasks/fuzz/mend.ts";
import { picture } from "../../../tasks/fuzz/pictures.ts";
import { packTar } from "modern-tar";

Deno.test("mendTar() makes a damaged header a header again", async () => {
  const tar = await packTar([{ header: { name: "a", size: 1 }, body: Uint8Array.of(1) }]);
  tar[100]! ^= 1;
  assert.equal(isTar(tar), false);
  mendTar(tar);
  assert.equal(isTar(tar), true);
});

Deno.test("mendPng() computes the checksums of damaged chunks", async () => {
  const png = await picture("png");
  const whole = png.slice();
  png[18]! ^= 1; // of the header's width
  mendPng(png);
  const view = new DataView(png.buffer);
  assert.equal(view.getUint32(29), crc32(png.subarray(12, 29)));
  png[18]! ^= 1;
  mendPng(png);
  assert.deepEqual(png, whole);
});

Deno.test("mendSafetensors() states the length of the header that is there", () => {
  const data = Uint8Array.of(1, 2, 3, 4);
  const chunks = encodeSafetensors(new Map([["a", { dtype: "float32", shape: [1], data }]]));
  const bytes = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
  bytes[0]! ^= 255;
  assert.throws(() => parseSafetensors(bytes));
  mendSafetensors(bytes);
  const length = new DataView(bytes.buffer).getUint32(0, true);
  assert.equal(String.fromCharCode(bytes[7 + length]!), "}");
});
