/** The wait before a run of the command line has made its first step. */
import { join } from "node:path";
import { exists } from "../../lib/files/mod.ts";

/** How long a step may take to come, in milliseconds. */
const PATIENCE = 120_000;

/**
 * Starts `ccmim pretrain` on a dataset, and ends it once its first step is written.
 *
 * @returns seconds from the start of the process to that.
 * @throws {Error} if it ends before.
 */
export async function firstStep(dataset: string, run: string, threads: number): Promise<number> {
  const main = new URL("../../cli/main.ts", import.meta.url).pathname;
  const began = performance.now();
  const args = ["run", "-A", main, "pretrain", "--data", dataset, "--out", run];
  const steps = ["--steps", "2", "--warmup", "1", "--threads", String(threads), "--device", "cpu"];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, ...steps],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const metrics = join(run, "metrics.jsonl");
  const ended = child.output();
  let over = false;
  ended.then(() => over = true);
  while (!over && performance.now() - began < PATIENCE) {
    if (exists(metrics) && Deno.statSync(metrics).size > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const seconds = (performance.now() - began) / 1000;
  const { code, stderr } = await ended;
  if (code !== 0) {
    throw new Error(`ccmim pretrain ended with ${code}: ${new TextDecoder().decode(stderr)}`);
  }
  return seconds;
}
