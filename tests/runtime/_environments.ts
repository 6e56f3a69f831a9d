/** A Worker: opens and releases many environments, then posts null, or what went wrong. */
/// <reference lib="deno.worker" />
import { Environment } from "../../lib/runtime/mod.ts";

let problem: string | null = null;
try {
  for (let i = 0; i < 100; i++) Environment.open()[Symbol.dispose]();
} catch (error) {
  problem = String(error);
}
self.postMessage(problem);
