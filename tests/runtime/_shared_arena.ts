/** Runs two sessions after one another in a shared arena with the limit that is its argument; prints what the arena says. */
import {
  type ArenaStatistics,
  arenaStatistics,
  Environment,
  hostAllocator,
} from "../../lib/runtime/mod.ts";
import { chainModel } from "./_model.ts";

const SIZE = 512, DEPTH = 4; // a constant of 1 MiB, results of 1 MiB
const limit = Number(Deno.args[0]);
using environment = Environment.open({
  logLevel: "fatal",
  sharedArena: limit > 0 ? { limit } : {},
});
using buffer = hostAllocator.allocate(2 * SIZE * SIZE * 4);
const matrix = { dtype: "float32", shape: [SIZE, SIZE] } as const;
using x = environment.tensor(buffer, matrix);
using y = environment.tensor(buffer, { ...matrix, byteOffset: SIZE * SIZE * 4 });
const statistics: ArenaStatistics[] = [];
let error = "";
const sessions = [1, 2].map(() => environment.session(chainModel(SIZE, DEPTH), { threads: 1 }));
for (const session of sessions) {
  using binding = session.bind({ inputs: { x }, outputs: { [`x${DEPTH}`]: y } });
  try {
    binding.run();
  } catch (cause) {
    error = `${(cause as Error).name}: ${(cause as Error).message}`;
  }
  statistics.push(arenaStatistics(session)!);
}
for (const session of sessions) session[Symbol.dispose]();
console.log(JSON.stringify({ statistics, error }));
