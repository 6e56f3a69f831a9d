import assert from "node:assert/strict";
import sharp from "sharp";
import { colourOf, drawPanel, gridImage, PANELS, type View } from "../../lib/visual/mod.ts";

/** Four pixels of two by two patches of one pixel. */
const VIEW: View = {
  picture: {
    name: "a/b.jpg",
    label: "cat",
    pixels: Uint8Array.from([0, 0, 0, 9, 9, 9, 255, 255, 255, 40, 50, 60]),
  },
  masked: Uint8Array.of(1, 0, 1, 0),
  predicted: new Uint8Array(12).fill(200),
  attention: Float32Array.of(0, 0.1, 0.05, 0.2),
  probability: Float32Array.of(0, 1, 0.5, 0.25),
  error: 0.125,
};
const OPTIONS = { patch: 1, paste: true } as const;

Deno.test("colourOf() goes from one end of a map to the other, and stays there beyond", () => {
  assert.deepEqual(colourOf("viridis", 0), [0x44, 0x01, 0x54]);
  assert.deepEqual(colourOf("viridis", 2), [0xfd, 0xe7, 0x25]);
  assert.deepEqual(colourOf("inferno", 0.5), [0xbc, 0x37, 0x54]);
  assert.deepEqual(colourOf("inferno", 1 / 16), [0x11, 0x06, 0x27]);
});

Deno.test("drawPanel() greys what is masked, and shows what is predicted", () => {
  const { pixels } = VIEW.picture;
  assert.deepEqual(drawPanel("original", VIEW, OPTIONS).pixels, pixels);
  assert.deepEqual(
    [...drawPanel("masked", VIEW, OPTIONS).pixels],
    [132, 132, 132, 9, 9, 9, 132, 132, 132, 40, 50, 60],
  );
  assert.deepEqual(
    [...drawPanel("reconstructed", VIEW, OPTIONS).pixels],
    [200, 200, 200, 9, 9, 9, 200, 200, 200, 40, 50, 60],
  );
  const all = drawPanel("reconstructed", VIEW, { ...OPTIONS, paste: false });
  assert.deepEqual(all.pixels, VIEW.predicted);
});

Deno.test("drawPanel() colours maps: attention up to its greatest, probabilities up to 1", () => {
  const attention = drawPanel("attention", VIEW, OPTIONS);
  const black = colourOf("inferno", 0).map((x) => Math.round(0.68 * x));
  assert.deepEqual([...attention.pixels.slice(0, 3)], black);
  const luma = 0.299 * 40 + 0.587 * 50 + 0.114 * 60;
  const greatest = colourOf("inferno", 1).map((x) => Math.round(0.68 * x + 0.32 * luma));
  assert.deepEqual([...attention.pixels.slice(9)], greatest);
  const probability = drawPanel("probability", VIEW, OPTIONS);
  const middle = colourOf("viridis", 0.5).map((x) => Math.round(0.8 * x + 0.2 * 255));
  assert.deepEqual([...probability.pixels.slice(6, 9)], middle);
});

Deno.test("gridImage() lays panels side by side, in more columns where there are many images", async () => {
  const options = { ...OPTIONS, title: "title", subtitle: "subtitle" };
  const one = gridImage([VIEW], options).png;
  assert.deepEqual(gridImage([VIEW], options).png, one);
  const { data, info } = await sharp(one).raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.width, 2 * 28 + 5 * 168 + 4 * 10);
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3).subarray(0, 3)];
  const top = 28 + 66 + 52;
  PANELS.forEach((panel, i) => {
    const left = 28 + i * 178;
    const { pixels } = drawPanel(panel, VIEW, OPTIONS);
    assert.deepEqual(at(left, top), [...pixels.slice(0, 3)], panel);
    assert.deepEqual(at(left + 167, top + 167), [...pixels.slice(9)], panel);
  });
  const nine = await sharp(gridImage(Array(9).fill(VIEW), options).png).metadata();
  assert.equal(nine.width, 2 * 28 + 2 * (5 * 168 + 4 * 10) + 36);
});
