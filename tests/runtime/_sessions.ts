/**
 * Creates and releases sessions; prints the resident memory after the 10th and after the 60th.
 * Run it with `--v8-flags=--expose-gc`, so that JavaScript's own garbage does not count.
 */
import { Environment, hostAllocator, residentBytes } from "../../lib/runtime/mod.ts";
import { chainModel } from "./_model.ts";

const SIZE = 512, DEPTH = 4; // a constant of 1 MiB, results of 1 MiB
const bytes = chainModel(SIZE, DEPTH);
using environment = Environment.open();
using buffer = hostAllocator.allocate(2 * SIZE * SIZE * 4);
const matrix = { dtype: "float32", shape: [SIZE, SIZE] } as const;
using x = environment.tensor(buffer, matrix);
using y = environment.tensor(buffer, { ...matrix, byteOffset: SIZE * SIZE * 4 });
const measure = () => {
  (globalThis as unknown as { gc(): void }).gc();
  return residentBytes();
};
let early = 0;
for (let i = 1; i <= 60; i++) {
  using session = environment.session(bytes, { threads: 2 });
  using binding = session.bind({ inputs: { x }, outputs: { [`x${DEPTH}`]: y } });
  binding.run();
  if (i === 10) early = measure();
}
console.log(JSON.stringify({ early, late: measure() }));
