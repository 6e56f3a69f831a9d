/**
 * Creates and releases sessions; prints the least resident memory after each of the 6th to 10th, and of the 56th to 60th: what
 * V8's own threads need for a while comes and goes.
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
let [early, late] = [Infinity, Infinity];
for (let i = 1; i <= 60; i++) {
  {
    using session = environment.session(bytes, { threads: 2 });
    using binding = session.bind({ inputs: { x }, outputs: { [`x${DEPTH}`]: y } });
    binding.run();
  }
  if (i > 5 && i <= 10) early = Math.min(early, measure());
  if (i > 55) late = Math.min(late, measure());
}
console.log(JSON.stringify({ early, late }));
