import assert from "node:assert/strict";
import { leaveToCollector } from "../../lib/data/native_memory.ts";

/** Something of which nothing is left but a weak reference. */
function garbage(): WeakRef<object> {
  return new WeakRef({ of: new Uint8Array(100) });
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("leaveToCollector() has garbage collected once enough memory waits for it, not before", async () => {
  const isLeftBy = async (bytes: number) => {
    const object = garbage();
    await turn(); // until then a weak reference keeps its object
    leaveToCollector(bytes);
    await turn();
    return object.deref() !== undefined;
  };
  const left = [];
  for (let i = 0; i < 10; i++) left.push(await isLeftBy(1000)); // V8 may collect of itself, but hardly each time
  assert.ok(left.includes(true));
  assert.equal(await isLeftBy(2 ** 30), false);
});
