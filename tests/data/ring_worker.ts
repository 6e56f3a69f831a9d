/// <reference lib="deno.worker" />
import { Ring } from "../../lib/data/ring.ts";

/** A producer that waits for slot 0 and says what came of it. */
self.onmessage = ({ data: memory }: MessageEvent<SharedArrayBuffer>) => {
  self.postMessage("waiting");
  self.postMessage(new Ring(memory, 2).waitFree(0));
};
