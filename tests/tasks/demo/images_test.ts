import jpeg from "jpeg-js";
import assert from "node:assert/strict";
import { drawPicture, writePictures } from "../../../tasks/demo/images.ts";
import { openEncoder, openJpegJs } from "../../../tasks/demo/jpeg.ts";
import { SHAPE_NAMES, type ShapeName, SHAPES } from "../../../tasks/demo/shapes.ts";

const star = { seed: 1, shape: "star", index: 2 } as const;

Deno.test("drawPicture() draws the same picture for the same arguments, and another for others", () => {
  const picture = drawPicture(star);
  assert.equal(picture.length, 32 * 32 * 3);
  assert.deepEqual(drawPicture(star), picture);
  assert.equal(drawPicture({ ...star, size: 16 }).length, 16 * 16 * 3);
  for (const other of [{ seed: 2 }, { shape: "ring" as const }, { index: 3 }]) {
    assert.notDeepEqual(drawPicture({ ...star, ...other }), picture);
  }
});

Deno.test("drawPicture() draws varied pictures", () => {
  for (const shape of SHAPE_NAMES) {
    const levels = Array.from({ length: 8 }, (_, index) => {
      const picture = drawPicture({ seed: 0, shape, index });
      const mean = picture.reduce((sum, value) => sum + value, 0) / picture.length;
      const variance = picture.reduce((sum, value) => sum + (value - mean) ** 2, 0) /
        picture.length;
      assert.ok(Math.sqrt(variance) > 10, `${shape} ${index} is nearly one colour`);
      return Math.round(mean);
    });
    assert.ok(new Set(levels).size > 4, `${shape}: ${levels}`);
  }
});

/** Share of the square from -1 to 1 that a shape covers. */
function area(shape: ShapeName): number {
  const steps = 200;
  let hits = 0;
  for (let i = 0; i < steps; i++) {
    for (let j = 0; j < steps; j++) {
      if (SHAPES[shape]((2 * i + 1) / steps - 1, (2 * j + 1) / steps - 1)) hits++;
    }
  }
  return hits / steps ** 2;
}

Deno.test("SHAPES have the areas of their geometry", () => {
  assert.ok(SHAPE_NAMES.length >= 10);
  const expected: Partial<Record<ShapeName, number>> = {
    circle: Math.PI * 0.8 / 4,
    square: 0.74 ** 2,
    diamond: 0.55 / 2,
    ring: Math.PI * 0.6 / 4,
    cross: (4 * 0.3 * 0.95 * 2 - 4 * 0.3 ** 2) / 4,
    triangle: 3 * Math.sqrt(3) / 16,
    hexagon: 3 * Math.sqrt(3) / 8,
    star: 5 * 0.42 * Math.sin(Math.PI / 5) / 4,
  };
  for (const [shape, share] of Object.entries(expected)) {
    assert.ok(Math.abs(area(shape as ShapeName) - share) < 0.005, `${shape}: ${share}`);
  }
  for (const shape of SHAPE_NAMES) assert.ok(area(shape) > 0.15 && area(shape) < 0.7, shape);
});

Deno.test("writePictures() writes JPEG files in class folders of its splits", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.equal(
      await writePictures(folder, { seed: 3, train: 2, val: 1, test: 1 }),
      4 * SHAPE_NAMES.length,
    );
    for (
      const [split, names] of [["train", ["0000.jpg", "0001.jpg"]], ["val", ["0000.jpg"]], [
        "test",
        ["0000.jpg"],
      ]]
    ) {
      const classes = [...Deno.readDirSync(`${folder}/${split}`)].map(({ name }) => name).sort();
      assert.deepEqual(classes, SHAPE_NAMES);
      for (const shape of classes) {
        const files = [...Deno.readDirSync(`${folder}/${split}/${shape}`)].map(({ name }) => name);
        assert.deepEqual(files.sort(), names);
      }
    }
    const decoded = jpeg.decode(Deno.readFileSync(`${folder}/val/heart/0000.jpg`), {
      useTArray: true,
      formatAsRGBA: false,
    });
    assert.deepEqual([decoded.width, decoded.height], [32, 32]);
    assertClose(decoded.data, drawPicture({ seed: 3, shape: "heart", index: 2 }));
    await writePictures(`${folder}/two`, { seed: 3, train: 1, val: 1 });
    assert.deepEqual([...Deno.readDirSync(`${folder}/two`)].map(({ name }) => name).sort(), [
      "train",
      "val",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openEncoder() and jpeg-js encode about the same picture", async () => {
  const picture = drawPicture(star);
  for (const encode of [await openEncoder(), await openJpegJs()]) {
    const bytes = await encode(picture, 32);
    const { data } = jpeg.decode(bytes, { useTArray: true, formatAsRGBA: false });
    assertClose(data, picture);
  }
});

/** Asserts that two pictures differ by a few levels on average. */
function assertClose(actual: Uint8Array, expected: Uint8Array): void {
  assert.equal(actual.length, expected.length);
  const sum = expected.reduce((sum, value, i) => sum + Math.abs(value - actual[i]!), 0);
  assert.ok(sum / expected.length < 6, `they differ by ${sum / expected.length} on average`);
}
