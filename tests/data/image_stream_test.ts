import assert from "node:assert/strict";
import { type ImageBatch, streamImages } from "../../lib/data/image_stream.ts";
import { dimensions } from "../../lib/data/dimensions.ts";
import { openDecoder } from "../../lib/data/decoder.ts";
import { inFolder } from "../_folder.ts";
import { picture, pictures, tarOf, thrown, writeTree } from "./_pictures.ts";

const QUICK = { size: 8, centre: 0.5, batch: 4, workers: 1, decoder: "jpeg-js" } as const;

/** All batches, and the images that were bad. */
async function read(paths: readonly string[], options: Partial<typeof QUICK> = {}) {
  const bad: string[] = [];
  const onBad = ({ path, reason }: { path: string; reason: string }) => {
    bad.push(`${path}: ${reason}`);
  };
  const batches: ImageBatch[] = await Array.fromAsync(
    streamImages(paths, { ...QUICK, ...options, onBad }),
  );
  return { batches, bad, names: batches.flatMap(({ names }) => names) };
}

/** The middle of a picture's central square, by the decoder and plain loops. */
async function expected(bytes: Uint8Array, size: number, record: number): Promise<Uint8Array> {
  const decoder = await openDecoder("jpeg-js", { fit: "crop" });
  const square = await decoder.decode(bytes, dimensions(bytes)!, { width: record, height: record });
  const start = (record - size) / 2;
  return Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const [row, column, c] = [Math.floor(i / (3 * size)), Math.floor(i / 3) % size, i % 3];
    return square[((start + row) * record + start + column) * 3 + c]!;
  });
}

Deno.test("streamImages() gives the middle of every image in order, in batches", async () => {
  await inFolder(async (folder) => {
    const files = pictures(
      ["a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg", "b/3.jpg", "4.jpg"],
      24,
      20,
    );
    writeTree(`${folder}/in`, { ...files, "notes.txt": new Uint8Array(3) });
    const { batches, bad, names } = await read([`${folder}/in`]);
    assert.deepEqual(bad, []);
    assert.deepEqual(names, ["4.jpg", "a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg", "b/3.jpg"]);
    assert.deepEqual(batches.map(({ pixels }) => pixels.length / (8 * 8 * 3)), [4, 2]);
    for (const [i, name] of names.entries()) {
      const { pixels } = batches[Math.floor(i / 4)]!;
      const own = pixels.subarray((i % 4) * 192, (i % 4 + 1) * 192);
      assert.deepEqual(own, await expected(files[name]!, 8, 16), name);
    }
  });
});

Deno.test("streamImages() shows an image of just the size whole", async () => {
  await inFolder(async (folder) => {
    writeTree(folder, { "same.jpg": picture(1, 8, 8) });
    const { batches } = await read([`${folder}/same.jpg`]);
    assert.deepEqual(batches[0]!.pixels, await expected(picture(1, 8, 8), 8, 8));
  });
});

Deno.test("streamImages() tells of bad images and goes on", async () => {
  await inFolder(async (folder) => {
    const good = picture(1, 24, 20);
    const files = {
      "1.jpg": good,
      "2.jpg": new Uint8Array(),
      "3.jpg": good.slice(0, 400),
      "4.jpg": new TextEncoder().encode("no picture"),
      "5.jpg": good,
    };
    writeTree(`${folder}/in`, files);
    const { bad, names } = await read([`${folder}/in`]);
    assert.deepEqual(names, ["1.jpg", "5.jpg"]);
    assert.deepEqual(bad.map((line) => line.slice(0, 7)).sort(), ["2.jpg: ", "3.jpg: ", "4.jpg: "]);
    assert.ok(bad.includes("2.jpg: empty file") && bad.some((line) => /not a JPEG/.test(line)));
  });
});

Deno.test("streamImages() reads tars, several sources and image files by themselves", async () => {
  await inFolder(async (folder) => {
    const files = pictures(["x/1.jpg", "x/2.jpg"]);
    Deno.writeFileSync(`${folder}/one.tar`, await tarOf(files));
    writeTree(`${folder}/two`, pictures(["3.jpg"]));
    writeTree(folder, { "alone.jpg": picture(9, 30, 30) });
    assert.deepEqual((await read([`${folder}/one.tar`])).names, ["x/1.jpg", "x/2.jpg"]);
    const paths = [`${folder}/alone.jpg`, `${folder}/one.tar`, `${folder}/two`];
    const { names } = await read(paths);
    assert.deepEqual(names, ["one/x/1.jpg", "one/x/2.jpg", "two/3.jpg", `${folder}/alone.jpg`]);
    assert.match(
      await thrown(() => read([`${folder}/none`])),
      /^DataError: Cannot read .*none: there is no such file or folder$/,
    );
  });
});
