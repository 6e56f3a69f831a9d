import { deepEqual, equal, ok } from "node:assert/strict";
import { drawMix, type Mix, mixNumbers } from "../../lib/data/mix.ts";
import { random } from "../../lib/tensor/mod.ts";

/** Many mixes, each of a batch of its own. */
function mixes(options: { mixup: number; cutmix: number }, count = 4000): Mix[] {
  return Array.from({ length: count }, (_, sample) => {
    return drawMix(random({ seed: 1, purpose: "mix", sample }), { ...options, imageSize: 32 });
  });
}

const mean = (x: number[]) => x.reduce((a, b) => a + b) / x.length;
const isCut = ({ image }: Mix) => image === 1;

Deno.test("drawMix() leaves images as they are where neither is wanted", () => {
  deepEqual(mixNumbers(mixes({ mixup: 0, cutmix: 0 }, 1)[0]!), [1, 1, 0, 0, 0, 0]);
});

Deno.test("drawMix() draws mixup's share from Beta(alpha, alpha)", () => {
  for (const alpha of [0.2, 0.8, 1, 3]) {
    const shares = mixes({ mixup: alpha, cutmix: 0 }).map((mix) => {
      equal(mix.label, mix.image);
      deepEqual([mix.top, mix.left, mix.bottom, mix.right], [0, 0, 0, 0]);
      return mix.image;
    });
    ok(shares.every((share) => share >= 0 && share <= 1));
    const variance = mean(shares.map((share) => (share - 0.5) ** 2));
    const expected = 1 / (4 * (2 * alpha + 1));
    ok(Math.abs(mean(shares) - 0.5) < 0.02, `mean ${mean(shares)} of ${alpha}`);
    ok(Math.abs(variance / expected - 1) < 0.06, `variance ${variance}, not ${expected}`);
  }
});

Deno.test("drawMix() cuts a box inside the image, and shares the label by its area", () => {
  const cut = mixes({ mixup: 0, cutmix: 1 });
  for (const { image, label, top, left, bottom, right } of cut) {
    equal(image, 1);
    ok(0 <= top && top <= bottom && bottom <= 32 && 0 <= left && left <= right && right <= 32);
    ok([top, left, bottom, right].every(Number.isInteger));
    equal(label, 1 - (bottom - top) * (right - left) / 1024);
  }
  // Boxes are cut off at the border, so that less than the uniform share of one half is covered
  const covered = mean(cut.map(({ label }) => 1 - label));
  ok(covered > 0.25 && covered < 0.45, `${covered}`);
  ok(cut.some(({ top }) => top === 0) && cut.some(({ bottom }) => bottom === 32));
});

Deno.test("drawMix() takes one or the other, as often", () => {
  const share = mean(mixes({ mixup: 0.8, cutmix: 1 }).map((mix) => Number(isCut(mix))));
  ok(share > 0.47 && share < 0.53, `${share}`);
});
