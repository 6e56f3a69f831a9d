import assert from "node:assert/strict";
import { BadImages } from "../../lib/data/bad_images.ts";

const bad = (path: string) => ({ path, reason: "empty file" });

Deno.test("BadImages tolerates a share and names what is beyond it", () => {
  const images = new BadImages(200, { maxBad: 0.01, strict: false });
  images.add([bad("b.jpg"), bad("a.jpg")]);
  assert.deepEqual(images.list().map(({ path }) => path), ["a.jpg", "b.jpg"]);
  assert.throws(() => images.add([bad("c.jpg")]), {
    name: "DataError",
    message:
      "Cannot use the source: 3 or more of its 200 images are bad, and --max-bad allows 1%: " +
      "b.jpg (empty file), a.jpg (empty file), c.jpg (empty file)",
  });
});

Deno.test("BadImages fails on the first where it is strict", () => {
  const images = new BadImages(200, { maxBad: 1, strict: true });
  images.add([]);
  assert.throws(() => images.add([bad("a.jpg")]), { message: "Cannot use a.jpg: empty file" });
});
