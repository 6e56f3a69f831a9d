import assert from "node:assert/strict";
import { DecodePool, type ImageFile } from "../../lib/data/decode_pool.ts";
import { factsOf, recordOf } from "../../lib/data/decode_reply.ts";
import { openDecoder } from "../../lib/data/decoder.ts";
import { dimensions } from "../../lib/data/dimensions.ts";
import type { Content } from "../../lib/data/source.ts";
import { inFolder } from "../_folder.ts";
import { picture } from "./_pictures.ts";
import { joined, noise } from "./_sources.ts";

const start = { decoder: "sharp", quality: null } as const;
const stored = { width: 9, height: 9 };

/** A picture as a batch has it. */
function imageFile(bytes: Uint8Array, content: Content): ImageFile {
  return { size: bytes.length, header: dimensions(bytes)!, stored, content };
}

Deno.test("a DecodePool decodes what it is given and what lies on the disk, in one batch", async () => {
  await inFolder(async (folder) => {
    const files = [1, 2, 3].map((seed) => new Uint8Array(picture(seed, 40 + seed, 30)));
    Deno.writeFileSync(`${folder}/a`, joined(noise(1, 5), files[0]!));
    Deno.writeFileSync(`${folder}/b`, files[2]!);
    using pool = await DecodePool.open(start, 2);
    const reply = await pool.decode([
      imageFile(files[0]!, { file: `${folder}/a`, offset: 5 }),
      imageFile(files[1]!, files[1]!),
      imageFile(files[1]!, { file: `${folder}/gone`, offset: 0 }),
      imageFile(files[2]!, { file: `${folder}/b`, offset: 1 }),
      imageFile(files[2]!, { file: `${folder}/b`, offset: 0 }),
    ], 9);
    assert.deepEqual([...reply.reasons], [
      [2, "no such file"],
      [3, "its file got shorter after it was listed"],
    ]);
    const decoder = await openDecoder("sharp");
    for (const [i, file] of [[0, files[0]!], [1, files[1]!], [4, files[2]!]] as const) {
      const pixels = new Uint8Array(await decoder.decode(file, dimensions(file)!, stored));
      assert.deepEqual(recordOf(reply, i), pixels, `image ${i}`);
      const { sha256, sums } = factsOf(reply, i);
      assert.deepEqual(sha256, new Uint8Array(await crypto.subtle.digest("SHA-256", file)));
      const red = pixels.filter((_, k) => k % 3 === 0).reduce((sum, value) => sum + value, 0);
      assert.equal(sums[0], red);
    }
  });
});

Deno.test("where the disk fails, a DecodePool does, and says where", async () => {
  await inFolder(async (folder) => {
    using pool = await DecodePool.open(start, 1);
    const bytes = new Uint8Array(picture(1, 40, 30));
    const failing = pool.decode([imageFile(bytes, { file: folder, offset: 0 })], 9);
    const other = pool.decode([imageFile(bytes, bytes)], 9);
    await assert.rejects(failing, {
      message: `Cannot decode images: ${folder} cannot be read: Is a directory (os error 21)`,
    });
    assert.equal((await other).reasons.size, 0);
  });
});
