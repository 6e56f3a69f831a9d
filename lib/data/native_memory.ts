/**
 * Memory that native objects hold until V8 collects garbage. It does not know how much that is, and waits as long as what it knows
 * of is little: it would keep hundreds of decoded images, or a million digests.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes that may wait to be collected in a thread. */
const MOST = 16 << 20;

let waiting = 0;
let collect: (() => void) | undefined;

/**
 * Lets V8 take `bytes` that an object holds for its own, so that it collects garbage in time: memory that nobody touches costs
 * nothing. For large objects, of which it would take too long to collect all garbage as often as `leaveToCollector` would.
 */
export function tellCollector(bytes: number): void {
  new ArrayBuffer(bytes);
}

/**
 * Says that an object that is garbage by now holds about `bytes`; now and then all garbage is collected. For many small objects: of
 * a million digests V8 leaves most, even where it is told of them.
 */
export function leaveToCollector(bytes: number): void {
  waiting += bytes;
  if (waiting < MOST) return;
  waiting = 0;
  collect ??= openCollector();
  collect();
}

/** V8 lends its collector to new contexts once it is told to. Where it does not, garbage waits longer: no reason to fail. */
function openCollector(): () => void {
  try {
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("globalThis.gc");
    if (typeof collect === "function") return () => collect();
  } catch {
    // nothing more can be done about it
  }
  return () => {};
}
