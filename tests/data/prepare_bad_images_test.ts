/** What preparing makes of images that are bad. */
import assert from "node:assert/strict";
import { type Files, picture, pictures } from "./_pictures.ts";
import { contents, failed, prepared } from "./_prepared.ts";

/** Images that are bad in every way that there is; two are found only when they are decoded. */
const BAD: Files = {
  "bad/empty.jpg": new Uint8Array(),
  "bad/text.jpg": new TextEncoder().encode("<html>"),
  "cut/half.jpg": picture(9, 64, 64).slice(0, -700),
  "cut/most.jpg": picture(8, 64, 64).slice(0, -300),
};

Deno.test("prepare() names and skips bad images, as if they were not there", async () => {
  const good = pictures(["bad/a.jpg", "bad/z.jpg", "cut/a.jpg", "cut/i.jpg", "cut/z.jpg"]);
  for (const decoder of ["sharp", "jpeg-js"] as const) {
    let pixels = "";
    await prepared(good, { decoder, size: 16 }, ({ dataset }) => {
      pixels = contents(dataset.folder)["train-00000.bin"]!;
    });
    await prepared(
      { ...good, ...BAD },
      { decoder, size: 16, maxBad: 0.5 },
      ({ dataset, result }) => {
        assert.equal(contents(dataset.folder)["train-00000.bin"], pixels);
        assert.deepEqual(result.bad.map(({ path }) => path), Object.keys(BAD));
        assert.equal(result.bad[0]!.reason, "empty file");
        assert.equal(result.bad[1]!.reason, "not a JPEG, PNG, WebP, AVIF or GIF image");
        assert.ok(result.bad.every(({ reason }) => reason.length > 0 && !reason.includes("\n")));
        assert.deepEqual(dataset.manifest.bad, result.bad);
        const split = dataset.split("train");
        const paths = Array.from({ length: split.count }, (_, i) => split.path(i));
        assert.deepEqual(paths, Object.keys(good));
      },
    );
  }
});

Deno.test("prepare() fails on too many bad images, and on the first where it is strict", async () => {
  const good = pictures(Array.from({ length: 149 }, (_, i) => `${i + 100}.jpg`), 8, 8);
  const cut = { "cut1.jpg": BAD["cut/half.jpg"]!, "cut2.jpg": BAD["cut/most.jpg"]! };
  const empty = { "empty1.jpg": new Uint8Array(), "empty2.jpg": new Uint8Array() };
  assert.match(
    await failed({ ...good, ...empty }, {}),
    /^DataError: Cannot use the source: 2 or more of its 151 images are bad, and --max-bad allows 1%: empty1.jpg/,
  );
  assert.match(await failed({ ...good, ...cut }, {}), /2 or more of its 151 images are bad/);
  assert.match(await failed({ ...good, ...cut }, { strict: true }), /Cannot use cut1.jpg: \S/);
  await prepared({ ...good, ...cut }, { maxBad: 0.03 }, ({ result }) => {
    assert.equal(result.images, 149);
  });
  assert.equal(
    await failed({ "a.jpg": new Uint8Array() }, { maxBad: 1 }).then((text) => text.slice(-16)),
    "no image is good",
  );
});
