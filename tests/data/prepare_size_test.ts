/** At which size images are stored, and which part of them. */
import assert from "node:assert/strict";
import { openDecoder } from "../../lib/data/decoder.ts";
import { dimensions } from "../../lib/data/dimensions.ts";
import { picture } from "./_pictures.ts";
import { contents, prepared } from "./_prepared.ts";

Deno.test("prepare() chooses the median shorter side, at most 256, and enlarges nothing", async () => {
  const files = {
    "a.jpg": picture(0, 12, 30),
    "b.jpg": picture(1, 40, 20),
    "c.jpg": picture(2, 50, 60),
  };
  await prepared(files, {}, async ({ dataset, result }) => {
    assert.deepEqual([result.size, result.smaller], [20, 1]);
    const split = dataset.split("train");
    assert.deepEqual(split.storedSize(0), { width: 12, height: 20 });
    assert.deepEqual(split.storedSize(1), { width: 20, height: 20 });
    const record = new Uint8Array(split.recordBytes);
    split.read(0, record);
    const decoder = await openDecoder("jpeg-js");
    const size = { width: 12, height: 20 };
    const pixels = await decoder.decode(files["a.jpg"], dimensions(files["a.jpg"])!, size);
    for (let y = 0; y < 20; y++) {
      const row = record.subarray(y * 60, (y + 1) * 60);
      assert.deepEqual(row.subarray(0, 36), pixels.subarray(y * 36, (y + 1) * 36));
      assert.ok(row.subarray(36).every((value, i) => value === row[33 + i % 3]));
    }
  });
  await prepared({ "a.jpg": picture(0, 300, 270) }, {}, ({ result }) => {
    assert.equal(result.size, 256);
  });
  await prepared(files, { size: 32, enlarge: true }, ({ dataset, result }) => {
    assert.deepEqual([result.size, result.smaller], [32, 0]);
    assert.deepEqual(dataset.split("train").storedSize(0), { width: 32, height: 32 });
  });
});

Deno.test("prepare() packs the central square with fit crop, and resizes as it is told", async () => {
  const wide = picture(3, 40, 20);
  const whole = await openDecoder("sharp", { fit: "squash" });
  const all = await whole.decode(wide, dimensions(wide)!, { width: 40, height: 20 });
  const square = Uint8Array.from({ length: 20 * 20 * 3 }, (_, i) => {
    return all[(Math.floor(i / 60) * 40 + 10) * 3 + i % 60]!;
  });
  for (const decoder of ["sharp", "jpeg-js"] as const) {
    const options = { decoder, size: 20, fit: "crop" } as const;
    await prepared({ "a.jpg": wide }, options, ({ dataset }) => {
      assert.equal(dataset.manifest.fit, "crop");
      const split = dataset.split("train");
      assert.deepEqual(split.originalSize(0), { width: 20, height: 20 });
      assert.deepEqual(split.storedSize(0), { width: 20, height: 20 });
      const record = new Uint8Array(split.recordBytes);
      split.read(0, record);
      const far = record.filter((value, i) => Math.abs(value - square[i]!) > 8);
      assert.ok(far.length < 0.01 * record.length, `${decoder}: ${far.length} differ`);
    });
  }
  const pixels = new Map<string, string>();
  for (const resample of ["bicubic", "lanczos", "area"] as const) {
    await prepared({ "a.jpg": wide }, { size: 8, resample }, ({ dataset }) => {
      assert.equal(dataset.manifest.decoder.resize, resample);
      pixels.set(contents(dataset.folder)["train-00000.bin"]!, resample);
    });
  }
  assert.equal(pixels.size, 3);
});

Deno.test("prepare() does not call what is cropped smaller, and stores what is small at its size", async () => {
  const files = { "a.jpg": picture(0, 12, 30), "b.jpg": picture(1, 40, 20) };
  await prepared(files, { size: 20, fit: "crop" }, ({ dataset, result }) => {
    assert.equal(result.smaller, 1);
    const split = dataset.split("train");
    assert.deepEqual(split.storedSize(0), { width: 12, height: 12 });
    assert.deepEqual(split.originalSize(1), { width: 20, height: 20 });
  });
});
