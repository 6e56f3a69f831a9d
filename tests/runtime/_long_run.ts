/** A Worker: one blocking run of some hundred milliseconds; posts 0 before it, then how long it took. */
/// <reference lib="deno.worker" />
import { Environment, hostAllocator } from "../../lib/runtime/mod.ts";
import { chainModel } from "./_model.ts";

const SIZE = 1024, DEPTH = 20;
using environment = Environment.open();
using session = environment.session(chainModel(SIZE, DEPTH), { threads: 1 });
using buffer = hostAllocator.allocate(2 * SIZE * SIZE * 4);
const matrix = { dtype: "float32", shape: [SIZE, SIZE] } as const;
using x = environment.tensor(buffer, matrix);
using y = environment.tensor(buffer, { ...matrix, byteOffset: SIZE * SIZE * 4 });
using binding = session.bind({ inputs: { x }, outputs: { [`x${DEPTH}`]: y } });
self.postMessage(0);
const start = performance.now();
binding.run();
self.postMessage(performance.now() - start);
