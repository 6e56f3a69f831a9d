import assert from "node:assert/strict";
import { Environment } from "../../lib/runtime/mod.ts";
import { addModel } from "./_model.ts";

Deno.test("Environment.open() knows its version, library and providers", () => {
  using environment = Environment.open();
  assert.match(environment.version, /^1\.\d+\.\d+$/);
  assert.ok(Deno.statSync(environment.library).isFile);
  assert.ok(environment.providers.includes("CPUExecutionProvider"));
});

Deno.test("Environment cannot be used after disposal, and twice disposed does no harm", () => {
  const environment = Environment.open();
  environment[Symbol.dispose]();
  environment[Symbol.dispose]();
  const message = { name: "TypeError", message: "Cannot use this environment: it was disposed" };
  assert.throws(() => environment.providers, message);
  assert.throws(() => environment.session(addModel()), message);
});

Deno.test("Environment.open() opens several at once", () => {
  using first = Environment.open({ logLevel: "fatal" });
  {
    using second = Environment.open();
    assert.equal(second.version, first.version);
  }
  using session = first.session(addModel());
  assert.equal(session.inputs.length, 2);
});

Deno.test("Environment.open() waits until what another thread released is gone", async () => {
  const problems = await Promise.all([0, 1].map(async () => {
    const worker = new Worker(new URL("_environments.ts", import.meta.url), { type: "module" });
    try {
      return await new Promise<string | null>((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message));
      });
    } finally {
      worker.terminate();
    }
  }));
  assert.deepEqual(problems, [null, null]);
});
