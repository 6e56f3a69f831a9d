import assert from "node:assert/strict";
import { CPU, parseDevice, sameDevice, showDevice } from "../../lib/runtime/mod.ts";

Deno.test("parseDevice() reads what showDevice() writes", () => {
  assert.deepEqual(parseDevice("cpu"), CPU);
  assert.deepEqual(parseDevice("cuda"), { kind: "cuda", index: 0 });
  assert.deepEqual(parseDevice("cuda:3"), { kind: "cuda", index: 3 });
  assert.equal(showDevice(parseDevice("cuda:3")), "cuda:3");
});

Deno.test("parseDevice() rejects anything else", () => {
  for (const text of ["", "gpu", "cuda:", "cuda:-1", "cpu:0", "fake", " cpu"]) {
    assert.throws(() => parseDevice(text), {
      name: "SyntaxError",
      message: `Cannot use "${text}" as a device: give cpu, cuda or cuda:<index>`,
    });
  }
});

Deno.test("sameDevice() tells GPUs apart", () => {
  assert.ok(sameDevice(parseDevice("cuda"), parseDevice("cuda:0")));
  assert.ok(!sameDevice(parseDevice("cuda:0"), parseDevice("cuda:1")));
  assert.ok(!sameDevice(CPU, parseDevice("cuda")));
});
