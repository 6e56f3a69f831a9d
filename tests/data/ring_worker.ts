/// <reference lib="deno.worker" />
import { Ring } from "../../lib/data/ring.ts";

/** What to wait for, and of which ring. */
interface Wait {
  readonly memory: SharedArrayBuffer;
  readonly slots: number;
  readonly producers: number;
  /** An item to fill, or an item to take. */
  readonly free?: number;
  readonly ready?: number;
}

/** Waits and says what came of it. */
self.onmessage = ({ data: { memory, slots, producers, free, ready } }: MessageEvent<Wait>) => {
  self.postMessage("waiting");
  const ring = new Ring(memory, slots, producers);
  self.postMessage(free === undefined ? ring.waitReady(ready!) : ring.waitFree(free));
};
