/** The configuration of a run read back from disk, and held against that of one that goes on. */
import { ConfigError } from "../recipes/mod.ts";
import type { FinetuneConfig } from "./config.ts";
import type { FinetuneOptions } from "./options.ts";

/** Parts that change how a run is computed and not what, or that the others follow from. */
const FREE: ReadonlySet<string> = new Set([
  ...["threads", "device", "recompute", "checkpointEvery", "given"],
]);

/** The configuration in `value`, which JSON.parse made. @throws {SyntaxError} if it is of no such run. */
export function parseFinetuneConfig(value: unknown): FinetuneConfig {
  const config = value as FinetuneConfig | null;
  const isOne = typeof config === "object" && config !== null &&
    Number.isSafeInteger(config.schedule?.steps) && Number.isSafeInteger(config.model?.width) &&
    Array.isArray(config.classes) && typeof config.given === "object" &&
    typeof config.initial === "object";
  if (isOne) return config;
  throw new SyntaxError("Cannot read a fine-tuning run's configuration: it is of something else");
}

/** What was said when the run in `out` was started; null if there is none. */
export function savedOptions(out: string): FinetuneOptions | null {
  try {
    const { config } = JSON.parse(Deno.readTextFileSync(`${out}/config.json`));
    return parseFinetuneConfig(config).given;
  } catch {
    return null; // what is wrong with it is said where it is read to go on
  }
}

/**
 * The configuration of a run that goes on: the saved one, computed as the options say now.
 *
 * @param now what the options, old and new, come to.
 * @throws {ConfigError} if that contradicts what the run was started with.
 */
export function resumeFinetune(saved: FinetuneConfig, now: FinetuneConfig): FinetuneConfig {
  for (const name of new Set([...Object.keys(saved), ...Object.keys(now)])) {
    if (FREE.has(name)) continue;
    const [before, after] = [saved, now].map((config) => partOf(config, name));
    if (before === after) continue;
    throw new ConfigError(
      `Cannot resume with ${name} ${after}: the run was started with ${before}`,
    );
  }
  const { threads, device, recompute, checkpointEvery } = now;
  return { ...saved, threads, device, recompute, checkpointEvery };
}

/** Of what a run starts from, the contents decide and not the path. */
function partOf(config: FinetuneConfig, name: string): string {
  const part = name === "initial"
    ? config.initial.sha256
    : config[name as keyof FinetuneConfig] ?? null;
  return JSON.stringify(part);
}
