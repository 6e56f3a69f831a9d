/**
 * Times steps in a process of its own, so that memory is its own and a crash ends nothing else. Takes a {@linkcode RateTask} as
 * JSON; prints its figures as one line.
 */
import { measureRate, type RateTask } from "./rate.ts";

try {
  const task: RateTask = JSON.parse(Deno.args[0]!);
  console.log(JSON.stringify(await measureRate(task)));
} catch (error) {
  if (Deno.env.get("CCMIM_DEBUG") === "1") throw error;
  console.error((error as Error).message);
  Deno.exit(1);
}
