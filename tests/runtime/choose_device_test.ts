import assert from "node:assert/strict";
import { chooseDevice, CPU, type CudaRequirement, type CudaStatus } from "../../lib/runtime/mod.ts";

const DEVICE = { index: 0, name: "GPU", memory: 80e9, capability: "9.0", multiprocessors: 132 };
const lacks = (name: string, problem: string): CudaRequirement => ({
  name,
  found: null,
  problem,
  remedy: `get ${name}`,
});
const status = (...requirements: CudaRequirement[]) => (): CudaStatus => ({
  requirements,
  missing: requirements[0] ?? null,
  devices: [DEVICE],
});

Deno.test("chooseDevice() takes the first GPU for auto where nothing is missing", () => {
  assert.deepEqual(chooseDevice("auto", status()), {
    device: { kind: "cuda", index: 0 },
    reason: "cuda:0 (GPU)",
  });
});

Deno.test("chooseDevice() takes the CPU for auto otherwise, and says why", () => {
  const noCudnn = lacks("libcudnn.so.9", "libcudnn.so.9: not to be found");
  assert.deepEqual(chooseDevice("auto", status(noCudnn)), {
    device: CPU,
    reason: "cpu, as there is no CUDA (libcudnn.so.9: not to be found)",
  });
  const noDriver = lacks("NVIDIA driver", "no libcuda");
  assert.equal(
    chooseDevice("auto", status(noCudnn, noDriver)).reason,
    "cpu, as there is no CUDA (NVIDIA driver: no libcuda)",
    "a machine without a driver has no GPU to set up",
  );
});

Deno.test("chooseDevice() fails for a GPU that cannot be had, and asks about no other device", () => {
  const asked: number[] = [];
  const inspect = (index: number) => {
    asked.push(index);
    return status(lacks(`cuda:${index}`, "the GPUs are cuda:0 alone"))();
  };
  assert.throws(() => chooseDevice("cuda:2", inspect), {
    name: "EnvironmentError",
    message: "Cannot run on cuda:2: the GPUs are cuda:0 alone; get cuda:2",
  });
  assert.deepEqual(asked, [2]);
  const never = () => assert.fail("the CPU needs no question");
  assert.deepEqual(chooseDevice("cpu", never), { device: CPU, reason: "cpu, as asked" });
});
