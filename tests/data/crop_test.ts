import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { random, type Stream } from "../../lib/tensor/mod.ts";
import { type Box, checkCrop, randomResizedCrop, scaleBox } from "../../lib/data/crop.ts";
import { CROPS } from "./packed.ts";

const draw = (sample: number) => random({ seed: 3, purpose: "crop", sample });

/** A stream whose fractions are the given ones in turn, and whose whole numbers are the highest possible. */
function scripted(...fractions: number[]): Stream {
  const uniform = () => {
    const fraction = fractions.shift();
    fractions.push(fraction!);
    return fraction!;
  };
  return { uniform, below: (bound) => bound - 1, uint32: () => 0, normal: () => 0 };
}

Deno.test("randomResizedCrop() takes area and aspect from the stream, rounded to pixels", () => {
  // area = 100 x 200 x (0.2 + 0.8 x 0.25) = 8000; log-aspect in the middle, so 1: sqrt(8000) = 89.4
  deepEqual(
    randomResizedCrop(scripted(0.25, 0.5), { width: 100, height: 200 }, CROPS),
    { top: 111, left: 11, height: 89, width: 89 },
  );
  // aspect 3/4: width sqrt(8000 x 0.75) = 77.5, height sqrt(8000 / 0.75) = 103.3
  deepEqual(
    randomResizedCrop(scripted(0.25, 0), { width: 100, height: 200 }, CROPS),
    { top: 97, left: 23, height: 103, width: 77 },
  );
});

Deno.test("randomResizedCrop() stays in the image, within scale and ratio up to rounding", () => {
  for (let sample = 0; sample < 2000; sample++) {
    const { top, left, height, width } = randomResizedCrop(
      draw(sample),
      { width: 500, height: 375 },
      CROPS,
    );
    ok(top >= 0 && left >= 0 && top + height <= 375 && left + width <= 500);
    const share = width * height / (500 * 375);
    ok(share > 0.197 && share <= 1, `share ${share}`);
    ok(width / height > 0.74 && width / height < 1.35, `aspect ${width / height}`);
  }
});

Deno.test("randomResizedCrop() reaches every position", () => {
  const options = { scale: [0.25, 0.25], ratio: [1, 1] } as const;
  const places = new Map<string, number>();
  for (let sample = 0; sample < 900; sample++) {
    const { top, left } = randomResizedCrop(draw(sample), { width: 4, height: 4 }, options);
    places.set(`${top} ${left}`, (places.get(`${top} ${left}`) ?? 0) + 1);
  }
  equal(places.size, 9);
  for (const count of places.values()) ok(Math.abs(count - 100) < 40, `${count} of about 100`);
});

Deno.test("randomResizedCrop() falls back to the largest central box within the ratio", () => {
  const crop = (width: number, height: number): Box =>
    randomResizedCrop(draw(0), { width, height }, { scale: [1, 1], ratio: [3 / 4, 4 / 3] });
  deepEqual(crop(1000, 10), { top: 0, left: 493, height: 10, width: 13 });
  deepEqual(crop(10, 1000), { top: 493, left: 0, height: 13, width: 10 });
  const whole = randomResizedCrop(scripted(0), { width: 30, height: 30 }, {
    scale: [1, 1],
    ratio: [3 / 4, 4 / 3],
  });
  deepEqual(whole, { top: 0, left: 0, height: 30, width: 30 });
});

Deno.test("randomResizedCrop() takes one draw, clipped to the image, if it is to be drawn once", () => {
  // area 30 x 40 x 1; aspect 4/3: width sqrt(1600) = 40 of 30, height sqrt(900) = 30
  const crop = { ...CROPS, scale: [1, 1], once: true } as const;
  deepEqual(randomResizedCrop(scripted(0.999999999), { width: 30, height: 40 }, crop), {
    top: 10,
    left: 0,
    height: 30,
    width: 30,
  });
  const tiny = { ...crop, scale: [1e-9, 1e-9] } as const;
  deepEqual(randomResizedCrop(scripted(0.5), { width: 30, height: 40 }, tiny), {
    top: 39,
    left: 29,
    height: 1,
    width: 1,
  });
  const kept = randomResizedCrop(draw(7), { width: 400, height: 400 }, { ...CROPS, once: true });
  deepEqual(kept, randomResizedCrop(draw(7), { width: 400, height: 400 }, CROPS));
});

Deno.test("checkCrop() rejects ranges that are empty or reach beyond the image", () => {
  equal(checkCrop(CROPS).scale[0], 0.2);
  throws(
    () => checkCrop({ ...CROPS, scale: [0.2, 1.5] }),
    new RangeError("Cannot crop with scale [0.2,1.5]: it must be 0 < least <= greatest <= 1"),
  );
  throws(
    () => checkCrop({ ...CROPS, ratio: [2, 1] }),
    new RangeError("Cannot crop with ratio [2,1]: it must be 0 < least <= greatest"),
  );
});

Deno.test("scaleBox() follows each axis of its own", () => {
  deepEqual(
    scaleBox({ top: 10, left: 20, height: 30, width: 40 }, { width: 400, height: 100 }, {
      width: 200,
      height: 200,
    }),
    { top: 20, left: 10, height: 60, width: 20 },
  );
});
