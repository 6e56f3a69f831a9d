import assert from "node:assert/strict";
import { crop } from "../../../lib/augment/mod.ts";
import { readNpy } from "../../../lib/checkpoint/mod.ts";
import { HostCrop } from "../../../lib/data/augment/host_crop.ts";
import { input } from "../../../lib/graph/mod.ts";
import { arrayOver } from "../../../lib/tensor/mod.ts";
import { evaluate } from "../../_run.ts";

const FOLDER = new URL("../../fixtures/crop", import.meta.url).pathname;
const images = readNpy(`${FOLDER}/images.npy`);
const boxes = arrayOver("float32", readNpy(`${FOLDER}/boxes.npy`).data);
const [B, S] = images.shape as [number, number];
const pixels = Uint8Array.from(images.data as Uint8Array);

/** All images cut by a host. */
function cropped(size: number, flips: readonly number[]): Uint8Array {
  const host = new HostCrop(S, size);
  const result = new Uint8Array(B * size * size * 3);
  for (let b = 0; b < B; b++) {
    const [top, left, height, width] = boxes.subarray(4 * b, 4 * b + 4) as unknown as number[];
    const record = { side: S, pixels: pixels.subarray(b * S * S * 3, (b + 1) * S * S * 3) };
    const box = { top: top!, left: left!, height: height!, width: width! };
    const target = result.subarray(b * size * size * 3, (b + 1) * size * size * 3);
    host.crop(record, box, flips[b] === 1, { side: size, pixels: target });
  }
  return result;
}

for (const size of [8, 24, 32]) {
  Deno.test(`HostCrop to ${size} pixels gives the graph's crop, rounded, and Pillow's but for one level`, () => {
    const flips = Array.from({ length: B }, (_, b) => b % 2);
    const ours = cropped(size, flips);
    const out = crop(
      input("images", "uint8", [B, S, S, 3]),
      input("boxes", "float32", [B, 4]),
      input("flips", "float32", [B]),
      size,
    );
    const graph = evaluate({ out }, { images: images.data, boxes, flips }).out;
    graph.forEach((value, i) => {
      assert.ok(Math.abs(value - ours[i]!) < 0.501, `${i}: ${value} ${ours[i]}`);
    });
    const pillow = readNpy(`${FOLDER}/size_${size}.npy`).data;
    cropped(size, new Array(B).fill(0)).forEach((value, i) => {
      assert.ok(Math.abs(value - Number(pillow[i])) <= 1);
    });
  });
}

Deno.test("HostCrop of the whole at its own size is the image, mirrored if flipped", () => {
  const host = new HostCrop(S, S);
  const record = { side: S, pixels: pixels.subarray(0, S * S * 3) };
  const target = { side: S, pixels: new Uint8Array(S * S * 3) };
  const box = { top: 0, left: 0, height: S, width: S };
  host.crop(record, box, false, target);
  assert.deepEqual(target.pixels, record.pixels);
  host.crop(record, box, true, target);
  for (let y = 0; y < S; y++) {
    for (let x = 0; x < S; x++) {
      const [here, there] = [(y * S + x) * 3, (y * S + S - 1 - x) * 3];
      assert.deepEqual(
        target.pixels.subarray(here, here + 3),
        record.pixels.subarray(there, there + 3),
      );
    }
  }
});
