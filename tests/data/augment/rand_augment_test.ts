import assert from "node:assert/strict";
import { Canvas, type Picture } from "../../../lib/data/augment/image.ts";
import {
  apply,
  drawOperations,
  OPERATION_NAMES,
  type OperationName,
  parseRandAugment,
} from "../../../lib/data/augment/rand_augment.ts";
import { random } from "../../../lib/tensor/mod.ts";

/** What Pillow made, with pixels in base64. */
interface Reference {
  readonly pictures: readonly { readonly side: number; readonly pixels: string }[];
  readonly cases: readonly {
    readonly picture: number;
    readonly name: OperationName;
    readonly share: number;
    readonly sign: number;
    readonly pixels: string;
  }[];
}

const FILE = new URL("../../fixtures/rand_augment/pillow.json", import.meta.url);
const { pictures, cases }: Reference = JSON.parse(Deno.readTextFileSync(FILE));
const fill = [124, 116, 104] as const;
const RAND = parseRandAugment("rand-m9-mstd0.5-inc1");

for (const name of OPERATION_NAMES) {
  Deno.test(`apply() of ${name} gives Pillow's pixels`, () => {
    const own = cases.filter((one) => one.name === name);
    assert.ok(own.length >= 4);
    for (const { picture: number, share, sign, pixels } of own) {
      const { side, pixels: before } = pictures[number]!;
      const picture: Picture = { side, pixels: Uint8Array.fromBase64(before) };
      apply(picture, { name, share, sign }, { fill, canvas: new Canvas(side) });
      const what = `picture ${number}, share ${share}, sign ${sign}`;
      assert.deepEqual(picture.pixels, Uint8Array.fromBase64(pixels), what);
    }
  });
}

Deno.test("drawOperations() draws by the stream alone, all operations about as often", () => {
  const key = { seed: 3, purpose: "augment", epoch: 1 } as const;
  const counts = new Map<string, number>();
  let [sum, squares, drawn, turned] = [0, 0, 0, 0];
  const images = 6000;
  for (let sample = 0; sample < images; sample++) {
    const operations = drawOperations(random({ ...key, sample }), RAND);
    assert.deepEqual(drawOperations(random({ ...key, sample }), RAND), operations);
    for (const { name, share, sign } of operations) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      sum += share;
      squares += share ** 2;
      drawn++;
      turned += sign < 0 ? 1 : 0;
      assert.ok(share >= 0 && share <= 1);
    }
  }
  assert.ok(Math.abs(drawn / images - 1) < 0.04, "half of two");
  assert.ok(Math.abs(sum / drawn - 0.9) < 0.005, "the clip at 10 cuts off 2%");
  const deviation = Math.sqrt(squares / drawn - (sum / drawn) ** 2);
  assert.ok(Math.abs(deviation - 0.049) < 0.003, `${deviation}`);
  assert.ok(Math.abs(turned / drawn - 0.5) < 0.02);
  assert.equal(counts.size, 15);
  for (const count of counts.values()) assert.ok(Math.abs(count / drawn - 1 / 15) < 0.015);
});

Deno.test("drawOperations() draws the same of an image whatever the other images", () => {
  const drawn = [5, 6, 5].map((sample) =>
    drawOperations(random({ seed: 0, purpose: "augment", sample }), { ...RAND, probability: 1 })
  );
  assert.deepEqual(drawn[0], drawn[2]);
  assert.notDeepEqual(drawn[0], drawn[1]);
  assert.equal(drawn[0]!.length, 2);
});

Deno.test("parseRandAugment() reads timm's notation and refuses what is not there", () => {
  assert.deepEqual(RAND, { magnitude: 9, deviation: 0.5, layers: 2, probability: 0.5 });
  assert.deepEqual(parseRandAugment("rand-n3-m5-p1-inc1"), {
    magnitude: 5,
    deviation: 0,
    layers: 3,
    probability: 1,
  });
  const refused: Record<string, RegExp> = {
    "rand-m9-mstd0.5": /as RandAugment: only operations that increase are there, which inc1 asks/,
    "augmix-m3": /it must be like rand-m9-mstd0.5-inc1$/,
    "rand-m9-w0-inc1": /"w0" is none of m9, mstd0.5, n2, p0.5 and inc1$/,
    "rand-m11-inc1": /the magnitude is at most 10$/,
    "rand-n0-inc1": /n is a whole number from 1$/,
    "rand-p2-inc1": /p is a probability$/,
    "rand-m-inc1": /"m" is none of/,
  };
  for (const [text, message] of Object.entries(refused)) {
    assert.throws(() => parseRandAugment(text), { name: "SyntaxError", message });
  }
});
