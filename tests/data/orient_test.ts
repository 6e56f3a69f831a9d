import assert from "node:assert/strict";
import { orient } from "../../lib/data/orient.ts";

/** What EXIF's orientations make of the file's rows "abc" and "def". */
const UPRIGHT: Readonly<Record<number, string>> = {
  1: "abc/def",
  2: "cba/fed",
  3: "fed/cba",
  4: "def/abc",
  5: "ad/be/cf",
  6: "da/eb/fc",
  7: "fc/eb/da",
  8: "cf/be/ad",
};

Deno.test("orient() turns pixels as each of the eight orientations says", () => {
  const pixels = Uint8Array.from([..."abcdef"].flatMap((letter) => {
    const code = letter.charCodeAt(0);
    return [code, code + 50, code + 100];
  }));
  for (const [orientation, rows] of Object.entries(UPRIGHT)) {
    const result = orient(pixels, { width: 3, height: 2 }, Number(orientation));
    const letters = Array.from({ length: 6 }, (_, i) => String.fromCharCode(result[3 * i]!)).join(
      "",
    );
    assert.equal(letters, rows.replaceAll("/", ""), `orientation ${orientation}`);
    for (let i = 0; i < 18; i++) assert.equal(result[i], result[i - i % 3]! + 50 * (i % 3));
  }
});
