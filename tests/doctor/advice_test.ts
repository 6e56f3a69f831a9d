import assert from "node:assert/strict";
import { adviseOn } from "../../lib/doctor/advice.ts";
import type { DoctorReport } from "../../lib/doctor/mod.ts";

type Found = Parameters<typeof adviseOn>[0];

const device = (device: string | null, reason = "as asked"): DoctorReport["device"] => ({
  asked: "auto",
  device,
  reason,
  memory: null,
  rates: [],
  bandwidth: null,
});
const decoder = (name: "sharp" | "jpeg-js", problem: string | null = null) => ({
  name,
  version: problem === null ? "1" : null,
  problem,
});
const GPU = { index: 0, name: "GPU", memory: 80e9, capability: "9.0", multiprocessors: 132 };
const MISSING = { name: "libcudnn.so.9", found: null, problem: "not there", remedy: "install it" };
const FINE: Found = {
  runtime: { version: "1.30.0", path: "/ort", expected: "1.30.0", problem: null },
  cuda: { requirements: [], devices: [] },
  device: device("cpu"),
  decoders: [decoder("sharp"), decoder("jpeg-js")],
};

Deno.test("adviseOn() says the most pressing first", () => {
  const cases: [Partial<Found>, string][] = [
    [{}, 'Nothing is wrong: "ccmim prepare" packs images, "ccmim pretrain" trains on cpu'],
    [
      { decoders: [decoder("sharp", "no"), decoder("jpeg-js")] },
      'Nothing is wrong: "ccmim prepare" packs images, though without sharp, slowly, ' +
      '"ccmim pretrain" trains on cpu',
    ],
    [
      { runtime: { ...FINE.runtime, problem: "ONNX Runtime is version 1.31.0" } },
      "ONNX Runtime is version 1.31.0; results may differ",
    ],
    [
      { decoders: [decoder("sharp", "no"), decoder("jpeg-js", "no")] },
      "No decoder loads, so no images can be packed; packed datasets can be trained on",
    ],
    [
      { cuda: { requirements: [MISSING], devices: [GPU] } },
      "To use GPU: libcudnn.so.9: not there; install it",
    ],
    [
      { cuda: { requirements: [MISSING], devices: [] } },
      'Nothing is wrong: "ccmim prepare" packs images, "ccmim pretrain" trains on cpu',
    ],
    [
      { cuda: { requirements: [MISSING], devices: [GPU] }, device: device(null, "Cannot run") },
      "Cannot run",
    ],
  ];
  for (const [found, advice] of cases) assert.equal(adviseOn({ ...FINE, ...found }), advice);
});
