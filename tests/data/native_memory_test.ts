import assert from "node:assert/strict";
import { leaveToCollector } from "../../lib/data/native_memory.ts";

/** Something of which nothing is left but a weak reference. */
function garbage(): WeakRef<object> {
  return new WeakRef({ of: new Uint8Array(100) });
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("leaveToCollector() has garbage collected once enough memory waits for it, not before", async () => {
  const object = garbage();
  await turn(); // until then a weak reference keeps its object
  leaveToCollector(1000);
  await turn();
  assert.notEqual(object.deref(), undefined);
  await turn();
  leaveToCollector(2 ** 30);
  await turn();
  assert.equal(object.deref(), undefined);
});
