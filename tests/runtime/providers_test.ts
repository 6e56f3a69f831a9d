import assert from "node:assert/strict";
import { Environment, EnvironmentError, LIBRARY_VARIABLE } from "../../lib/runtime/mod.ts";
import { addModel } from "./_model.ts";

Deno.test({
  name: "Environment.session() says what CUDA lacks",
  ignore: Deno.env.has(LIBRARY_VARIABLE), // another build may have the provider
  fn() {
    using environment = Environment.open();
    assert.throws(
      () => environment.session(addModel(), { device: { kind: "cuda", index: 1 } }),
      (error) => {
        assert.ok(error instanceof EnvironmentError);
        assert.ok(
          error.message.startsWith("Cannot run on cuda:1: libonnxruntime_providers_shared.so"),
        );
        assert.ok(error.message.includes("deno task setup:cuda"));
        return true;
      },
    );
  },
});
