import assert from "node:assert/strict";
import { EnvironmentError } from "../../../lib/runtime/mod.ts";
import { CUDA_RUNTIME_LIBRARIES, loadCuda } from "../../../lib/runtime/cuda/library.ts";

Deno.test("loadCuda() says of every library why it does not load", () => {
  assert.deepEqual(CUDA_RUNTIME_LIBRARIES, ["libcudart.so.13", "libcudart.so.12"]);
  assert.throws(
    () => loadCuda(["libnone.so.13", "libnone.so.12"]),
    (error) => {
      assert.ok(error instanceof EnvironmentError);
      assert.match(error.message, /^Cannot load CUDA's runtime library: .*libnone\.so\.13: .*; /);
      assert.match(error.message, /libnone\.so\.12: /);
      return true;
    },
  );
});

Deno.test({
  name: "loadCuda() refuses a library that is not CUDA's",
  ignore: Deno.build.os !== "linux",
  fn() {
    assert.throws(
      () => loadCuda(["libc.so.6"]),
      /^EnvironmentError: .*libc\.so\.6.*undefined symbol: cuda/,
    );
  },
});
