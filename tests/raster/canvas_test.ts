import assert from "node:assert/strict";
import {
  createCanvas,
  drawScaled,
  drawSmoothText,
  fillRectangle,
  fitText,
  textWidth,
} from "../../lib/raster/mod.ts";

const BLACK = [0, 0, 0] as const;
const WHITE = [255, 255, 255] as const;

/** Red of every pixel, row by row. */
function reds({ pixels, width }: { pixels: Uint8Array; width: number }): number[][] {
  const all = Array.from({ length: pixels.length / 3 }, (_, i) => pixels[3 * i]!);
  return Array.from(
    { length: all.length / width },
    (_, y) => all.slice(y * width, (y + 1) * width),
  );
}

Deno.test("fillRectangle() cuts off what lies beyond the image", () => {
  const canvas = createCanvas({ width: 4, height: 3 }, WHITE);
  fillRectangle(canvas, { left: 2, top: -1, width: 9, height: 2 }, BLACK);
  assert.deepEqual(reds(canvas), [[255, 255, 0, 0], [255, 255, 255, 255], [255, 255, 255, 255]]);
});

Deno.test("drawScaled() draws each pixel as a square", () => {
  const canvas = createCanvas({ width: 5, height: 3 }, WHITE);
  const image = { pixels: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 2, height: 1 };
  drawScaled(canvas, image, { left: 1, top: 1, scale: 2 });
  const row = [255, 1, 1, 4, 4];
  assert.deepEqual(reds(canvas), [[255, 255, 255, 255, 255], row, row]);
  assert.deepEqual([...canvas.pixels.slice(18, 21)], [1, 2, 3]);
});

Deno.test("drawSmoothText() draws strokes with soft edges at any size", () => {
  const canvas = createCanvas({ width: 24, height: 24 }, WHITE);
  drawSmoothText(canvas, "I", { left: 2, top: 2, size: 14, colour: BLACK });
  const rows = reds(canvas);
  const middle = rows[10]!;
  assert.equal(middle[7], 0, "the stem is ink");
  assert.equal(middle[2], 255, "beside it is paper");
  assert.ok(rows.flat().some((x) => x > 0 && x < 255), "edges are soft");
  drawSmoothText(canvas, "I", { left: 22, top: -4, size: 14, colour: BLACK }); // cut at the border
});

Deno.test("textWidth() and fitText() agree", () => {
  const style = { size: 7 };
  assert.equal(textWidth("abc", style), 18);
  assert.equal(fitText("abcdef", 36, style), "abcdef");
  assert.equal(fitText("abcdef", 35, style), "abc..");
});
