import assert from "node:assert/strict";
import { Environment, hostAllocator } from "../../lib/runtime/mod.ts";
import { addModel } from "./_model.ts";

Deno.test("Session.bind() runs over host buffers", () => {
  using environment = Environment.open();
  using session = environment.session(addModel(), { threads: 1 });
  using buffer = hostAllocator.allocate(1024);
  using a = environment.tensor(buffer, { dtype: "float32", shape: [2] });
  using b = environment.tensor(buffer, { dtype: "float32", shape: [2], byteOffset: 256 });
  using sum = environment.tensor(buffer, { dtype: "float32", shape: [2], byteOffset: 512 });
  using binding = session.bind({ inputs: { a, b }, outputs: { sum } });
  a.array.set([1, 2]);
  b.array.set([10, 20]);
  binding.run();
  assert.deepEqual([...sum.array], [11, 22]);
});

Deno.test("Session.run() returns the outputs", () => {
  using environment = Environment.open();
  using session = environment.session(addModel("n"));
  const values = (...data: number[]) => ({
    dtype: "float32" as const,
    shape: [data.length],
    data: Float32Array.from(data),
  });
  const { sum } = session.run({ a: values(1, 2, 3), b: values(4, 5, 6) });
  assert.deepEqual(sum, { dtype: "float32", shape: [3], data: Float32Array.of(5, 7, 9) });
});
