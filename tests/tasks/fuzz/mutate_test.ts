import assert from "node:assert/strict";
import { type Files, mutated } from "../../../tasks/fuzz/mutate.ts";

const VALID: readonly Files[] = [
  new Map([["a", new TextEncoder().encode("one 1 two 22")], ["b", new Uint8Array(400)]]),
  new Map([["a", new TextEncoder().encode("three 333")], ["b", new Uint8Array(3)]]),
];

Deno.test("mutated() gives equal files for equal seeds and numbers, others for others", () => {
  const inputs = Array.from({ length: 200 }, (_, number) => {
    const options = { seed: 5, number };
    const files = mutated(VALID, {}, options);
    assert.deepEqual(mutated(VALID, {}, options), files);
    return JSON.stringify([...files].map(([name, bytes]) => [name, [...bytes]]));
  });
  assert.ok(new Set(inputs).size > 180, "inputs differ");
  assert.notDeepEqual(
    mutated(VALID, {}, { seed: 5, number: 0 }),
    mutated(VALID, {}, { seed: 6, number: 0 }),
  );
});

Deno.test("mutated() leaves the valid files as they are, and mends about half of its own", () => {
  const before = JSON.stringify(VALID.map((files) => [...files].map(([, bytes]) => [...bytes])));
  let mended = 0;
  const mend = (bytes: Uint8Array) => {
    bytes.fill(9);
  };
  for (let number = 0; number < 200; number++) {
    const { b = new Uint8Array([9]) } = Object.fromEntries(
      mutated(VALID, { mend }, { seed: 1, number }),
    );
    if (b.every((byte) => byte === 9)) mended++;
  }
  assert.ok(mended > 60 && mended < 140, `${mended} of 200 mended`);
  const after = JSON.stringify(VALID.map((files) => [...files].map(([, bytes]) => [...bytes])));
  assert.equal(after, before);
});
