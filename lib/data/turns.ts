/** Letting timers and signals have their turn while work goes on that never waits for the system. */
import { setImmediate } from "node:timers";

/** Milliseconds that such work goes on at most. */
const LONGEST = 20;

/** A function to await now and then: mostly it does nothing, but in time everything else gets a turn. */
export function turns(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < LONGEST) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        last = performance.now();
        resolve();
      })
    );
  };
}
