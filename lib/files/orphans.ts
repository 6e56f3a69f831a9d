/** What processes that were killed have left beside a path. */
import { basename, dirname, join } from "node:path";
import { TEMPORARY_PREFIX } from "./atomic.ts";
import { exists, isFolder } from "./exists.ts";

/**
 * Removes what writes of `path` left whose processes are gone, as far as the system tells which are there. Not while this process
 * writes it: what it wrote counts as left.
 *
 * @example
 * ```ts
 * import { removeOrphans } from "./mod.ts";
 *
 * removeOrphans("encoder.onnx");
 * ```
 */
export function removeOrphans(path: string): void {
  const folder = dirname(path);
  if (!isFolder(folder)) return;
  const prefix = `${TEMPORARY_PREFIX}${basename(path)}-`;
  for (const { name } of Deno.readDirSync(folder)) {
    const pid = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    if (!/^\d+$/.test(pid)) continue;
    const isGone = Number(pid) === Deno.pid || exists("/proc/self") && !exists(`/proc/${pid}`);
    if (isGone) Deno.removeSync(join(folder, name), { recursive: true });
  }
}
