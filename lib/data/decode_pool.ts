/** Workers that decode batches. */
import type { DecodeReply, DecodeRequest, DecodeStart } from "./decode_worker.ts";

/** A worker and the batches it has not answered, oldest first. */
interface Member {
  readonly worker: Worker;
  readonly waiting: PromiseWithResolvers<DecodeReply>[];
}

/** A number of threads with a decoder each. Dispose it to end them. */
export class DecodePool implements Disposable {
  readonly #members: readonly Member[];

  private constructor(members: readonly Member[]) {
    this.#members = members;
  }

  /** Starts `workers` threads. @throws {Error} if the decoder does not load in them. */
  static async open(message: DecodeStart, workers: number): Promise<DecodePool> {
    const members = await Promise.all(Array.from({ length: workers }, () => start(message)));
    return new DecodePool(members);
  }

  /** Has a batch decoded by the thread that has least to do. It takes `request.bytes` away. */
  decode(request: DecodeRequest): Promise<DecodeReply> {
    const free = this.#members.reduce((a, b) => b.waiting.length < a.waiting.length ? b : a);
    const answer = Promise.withResolvers<DecodeReply>();
    answer.promise.catch(() => {}); // it is looked at later, in order
    free.waiting.push(answer);
    free.worker.postMessage(request, [request.bytes.buffer]);
    return answer.promise;
  }

  [Symbol.dispose](): void {
    for (const { worker } of this.#members) worker.terminate();
  }
}

async function start(message: DecodeStart): Promise<Member> {
  const worker = new Worker(new URL("./decode_worker.ts", import.meta.url), { type: "module" });
  const waiting: Member["waiting"] = [];
  const ready = Promise.withResolvers<void>();
  worker.onmessage = ({ data }: MessageEvent<"ready" | DecodeReply>) => {
    if (data === "ready") ready.resolve();
    else waiting.shift()!.resolve(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const error = new Error(`Cannot decode images: ${event.message}`);
    ready.reject(error);
    for (const answer of waiting) answer.reject(error);
  };
  worker.postMessage(message);
  await ready.promise;
  return { worker, waiting };
}
