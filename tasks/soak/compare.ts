/** Whether two runs came to the same, byte for byte. */
import { latestCheckpoint } from "../../lib/checkpoint/mod.ts";

/** Fields of metrics that depend on the clock and the machine. */
const OTHERS = ["images_per_second", "data_wait", "memory"] as const;

/** Files of a checkpoint. */
const FILES = ["model.safetensors", "state.safetensors", "position.json"] as const;

/** Bytes in which the last checkpoints and the metrics of two runs differ. @throws {Error} if one has no checkpoint. */
export function bytesThatDiffer(a: string, b: string): number {
  const [x, y] = [a, b].map((run) => {
    const place = latestCheckpoint(run);
    if (place === null) throw new Error(`Cannot compare ${run}: it has no checkpoint`);
    return [
      ...FILES.map((name) => Deno.readFileSync(`${place.path}/${name}`)),
      metricsOf(run),
    ];
  }) as [Uint8Array[], Uint8Array[]];
  return x.reduce((sum, bytes, i) => sum + differing(bytes, y[i]!), 0);
}

/** The metrics without what may differ. */
function metricsOf(run: string): Uint8Array {
  const lines = Deno.readTextFileSync(`${run}/metrics.jsonl`).trimEnd().split("\n").map((line) => {
    const metrics = JSON.parse(line) as Record<string, unknown>;
    for (const name of OTHERS) delete metrics[name];
    return JSON.stringify(metrics);
  });
  return new TextEncoder().encode(lines.join("\n"));
}

function differing(a: Uint8Array, b: Uint8Array): number {
  let count = Math.abs(a.length - b.length);
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) count++;
  return count;
}
