import assert from "node:assert/strict";
import sharp from "sharp";
import { openDecoder } from "../../lib/data/decoder.ts";
import { dimensions } from "../../lib/data/dimensions.ts";
import { resample } from "../../lib/data/resample.ts";
import { openShrinker } from "../../lib/data/shrink_jpeg.ts";
import pinned from "../../deno.json" with { type: "json" };
import { random } from "../../lib/tensor/mod.ts";
import { picture } from "./_pictures.ts";

const FROM = { width: 96, height: 80 };
const TO = { width: 40, height: 33 };
const jpeg = picture(5, FROM.width, FROM.height);
const header = dimensions(jpeg)!;

Deno.test("openShrinker() says the version that deno.json pins, and knows no area", async () => {
  const { version } = (await openShrinker("bicubic"))!;
  assert.equal(pinned.imports["@napi-rs/image"], `npm:@napi-rs/image@${version}`);
  assert.equal(await openShrinker("area"), null);
});

for (const resampling of ["bicubic", "lanczos"] as const) {
  Deno.test(`a Shrinker resizes as Pillow does: ${resampling}`, async () => {
    const shrinker = (await openShrinker(resampling))!;
    const decoder = await openDecoder("sharp");
    const whole = await decoder.decode(jpeg, header, FROM);
    const want = resample(whole, FROM, TO, { resampling });
    const found = shrinker.shrink(jpeg, header, TO)!;
    assert.equal(found.length, want.length);
    const differences = found.map((value, i) => Math.abs(value - want[i]!));
    assert.ok(Math.max(...differences) <= 6, `${Math.max(...differences)}`);
    assert.ok(differences.reduce((a, b) => a + b, 0) / found.length < 0.6);
  });
}

Deno.test("a Shrinker fills memory that it is given, wherever that begins", async () => {
  const { shrink } = (await openShrinker("bicubic"))!;
  const want = shrink(jpeg, header, TO)!;
  for (const at of [0, 1, 2, 3, 4]) {
    const into = new Uint8Array(at + want.length + 1).subarray(at, at + want.length);
    assert.equal(shrink(jpeg, header, { ...TO, into }), into);
    assert.deepEqual(into, want, `from byte ${at} on`);
  }
});

Deno.test("a Shrinker leaves to others what is cut short, enlarged, turned, of inks or no JPEG", async () => {
  const { shrink } = (await openShrinker("bicubic"))!;
  const cases = [
    [jpeg.subarray(0, -3), header, TO],
    [jpeg.subarray(0, jpeg.length / 2), header, TO],
    [jpeg, header, { width: 97, height: 33 }],
    [jpeg, header, { width: 40, height: 81 }],
    [jpeg, { ...header, orientation: 6 }, TO],
    [jpeg, { ...header, cmyk: true }, TO],
    [jpeg, { ...header, format: "png" }, TO],
    [new Uint8Array([...jpeg.subarray(0, 30), 0xff, 0xd9]), header, TO],
  ] as const;
  for (const [bytes, facts, target] of cases) {
    assert.equal(shrink(bytes, facts, target), undefined);
  }
});

Deno.test("a Shrinker takes no damaged JPEG that libvips refuses", async () => {
  const { shrink } = (await openShrinker("bicubic"))!;
  const draw = random({ seed: 1, purpose: "mask" });
  let refused = 0;
  for (let i = 0; i < 300; i++) {
    const bytes = jpeg.slice();
    for (let k = 0; k < 3; k++) bytes[draw.below(bytes.length - 2)] = draw.below(256);
    const found = dimensions(bytes);
    if (found?.format !== "jpeg" || found.width > 1000 || found.height > 1000) continue;
    const to = { width: Math.min(found.width, 20), height: Math.min(found.height, 20) };
    const isTaken = await sharp(bytes, { failOn: "error" }).resize(to).raw().toBuffer()
      .then(() => true, () => false);
    if (isTaken) continue;
    refused++;
    assert.equal(shrink(bytes, found, to), undefined, `mutation ${i}`);
  }
  assert.ok(refused > 10, `${refused}`);
});
