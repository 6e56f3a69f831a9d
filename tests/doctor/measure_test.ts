import assert from "node:assert/strict";
import { measureBandwidth, measureMatrixRate } from "../../lib/doctor/mod.ts";
import { Environment, openFakeContext, openHostContext } from "../../lib/runtime/mod.ts";

Deno.test("measureMatrixRate() times products on the host and on a device", () => {
  using environment = Environment.open();
  for (const open of [openHostContext, openFakeContext]) {
    using context = open(environment);
    const began = performance.now();
    const { dtype, size, gflops } = measureMatrixRate(context, {
      size: 96,
      seconds: 0.02,
      threads: 1,
    });
    const seconds = (performance.now() - began) / 1000;
    assert.deepEqual([dtype, size], ["float32", 96]);
    assert.ok(gflops > 0.05 && gflops < 5000, `${gflops} GFLOP/s on ${context.device.kind}`);
    assert.ok(seconds >= 0.02, `${seconds} s are less than asked for`);
  }
});

Deno.test("measureMatrixRate() says which kernel the provider lacks", () => {
  using environment = Environment.open({ logLevel: "fatal" });
  using context = openHostContext(environment);
  assert.throws(
    () => measureMatrixRate(context, { dtype: "bfloat16", size: 32, seconds: 0.01 }),
    { name: "OrtError", message: /MatMul/ },
  );
});

Deno.test("measureBandwidth() times copies within the host, and to and from a device", () => {
  using environment = Environment.open();
  const options = { seconds: 0.01, byteLength: 2 ** 20 };
  using host = openHostContext(environment);
  const { host: copies, ...none } = measureBandwidth(host, options);
  assert.ok(copies > 0.05 && copies < 1000, `${copies} GB/s`);
  assert.deepEqual(none, { hostToDevice: null, deviceToHost: null });

  using device = openFakeContext(environment);
  const { hostToDevice, deviceToHost } = measureBandwidth(device, options);
  assert.ok(hostToDevice! > 0.05 && hostToDevice! < 1000, `${hostToDevice} GB/s`);
  assert.ok(deviceToHost! > 0.05 && deviceToHost! < 1000, `${deviceToHost} GB/s`);
});
