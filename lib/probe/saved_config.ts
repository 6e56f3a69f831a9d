/** The configuration of a probe's training read back from disk, and held against that of one that goes on. */
import { ConfigError } from "../recipes/mod.ts";
import type { LinearConfig, ProbeOptions } from "./options.ts";

/** Parts that change how a run is computed and not what, or that the others follow from. */
const FREE: ReadonlySet<string> = new Set(["threads", "device", "checkpointEvery", "given"]);

/** The configuration in `value`, which JSON.parse made. @throws {SyntaxError} if it is of no such run. */
export function parseLinearConfig(value: unknown): LinearConfig {
  const config = value as LinearConfig | null;
  const isOne = typeof config === "object" && config !== null &&
    (config.kind === "linear" || config.kind === "partial") &&
    Number.isSafeInteger(config.schedule?.steps) && Number.isSafeInteger(config.model?.width) &&
    typeof config.given === "object";
  if (isOne) return config;
  throw new SyntaxError("Cannot read a probe's configuration: it is of something else");
}

/** What was said when the run in `out`, or that of a seed below it, was started; null if there is none. */
export function savedOptions(out: string): ProbeOptions | null {
  for (const path of [out, ...seedFolders(out)]) {
    try {
      const { config } = JSON.parse(Deno.readTextFileSync(`${path}/config.json`));
      return parseLinearConfig(config).given;
    } catch {
      continue; // what is wrong with it is said where it is read to go on
    }
  }
  return null;
}

/** The folder of a seed's run where there are several. */
export function seedFolder(out: string, seed: number): string {
  return `${out}/seed-${seed}`;
}

function seedFolders(out: string): string[] {
  try {
    return [...Deno.readDirSync(out)].map(({ name }) => name)
      .filter((name) => /^seed-\d+$/.test(name)).sort().map((name) => `${out}/${name}`);
  } catch {
    return [];
  }
}

/**
 * The configuration of a run that goes on: the saved one, computed as the options say now.
 *
 * @param now what the options, old and new, come to.
 * @throws {ConfigError} if that contradicts what the run was started with.
 */
export function resumeLinear(saved: LinearConfig, now: LinearConfig): LinearConfig {
  for (const name of new Set([...Object.keys(saved), ...Object.keys(now)])) {
    if (FREE.has(name)) continue;
    const [before, after] = [saved, now].map((config) => {
      return JSON.stringify(config[name as keyof LinearConfig]);
    });
    if (before === after) continue;
    throw new ConfigError(
      `Cannot resume with ${name} ${after}: the run was started with ${before}`,
    );
  }
  const { threads, device, checkpointEvery } = now;
  return { ...saved, threads, device, checkpointEvery };
}
