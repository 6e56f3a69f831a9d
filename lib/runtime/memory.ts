/**
 * Memory of this process, in bytes, as the operating system counts it.
 */

import process from "node:process";

/**
 * Resident set size now.
 *
 * @example
 * ```ts
 * import { residentBytes } from "./mod.ts";
 *
 * console.assert(residentBytes() > 0);
 * ```
 */
export function residentBytes(): number {
  return fromStatus("VmRSS") ?? Deno.memoryUsage().rss;
}

/**
 * The largest resident set size so far.
 *
 * @example
 * ```ts
 * import { peakResidentBytes } from "./mod.ts";
 *
 * console.assert(peakResidentBytes() > 0);
 * ```
 */
export function peakResidentBytes(): number {
  return fromStatus("VmHWM") ?? process.resourceUsage().maxRSS * 1024;
}

/** A line of /proc/self/status, which only Linux has. */
function fromStatus(name: string): number | null {
  if (Deno.build.os !== "linux") return null;
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(
    Deno.readTextFileSync("/proc/self/status"),
  );
  return match === null ? null : Number(match[1]) * 1024;
}
