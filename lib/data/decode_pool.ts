/** Workers that decode batches. */
import type { DecodeReply } from "./decode_reply.ts";
import type {
  DecodeRequest,
  DecodeStart,
  EncodedImage,
  Failure,
  HashReply,
  HashRequest,
} from "./decode_worker.ts";
import type { Content } from "./source.ts";

/** An image that is to be decoded. */
export interface ImageFile extends Omit<EncodedImage, "onDisk"> {
  readonly content: Content;
}

type Reply = DecodeReply | HashReply;

/** A worker and the batches it has not answered, oldest first. */
interface Member {
  readonly worker: Worker;
  readonly ready: Promise<void>;
  readonly waiting: PromiseWithResolvers<Reply>[];
}

/** A number of threads with a decoder each. Dispose it to end them. */
export class DecodePool implements Disposable {
  /** Rejected if the decoder does not load in the threads. */
  readonly ready: Promise<void>;
  readonly #members: readonly Member[];

  /** Starts `workers` threads. */
  constructor(message: DecodeStart, workers: number) {
    this.#members = Array.from({ length: workers }, () => start(message));
    this.ready = Promise.all(this.#members.map(({ ready }) => ready)).then(() => {});
    this.ready.catch(() => {}); // it may be awaited later, or not at all
  }

  /** Starts `workers` threads and waits for them. @throws {Error} if the decoder does not load in them. */
  static async open(message: DecodeStart, workers: number): Promise<DecodePool> {
    const pool = new DecodePool(message, workers);
    await pool.ready;
    return pool;
  }

  /** Number of threads. */
  get size(): number {
    return this.#members.length;
  }

  /**
   * Has images decoded by the thread that has least to do, which also reads those that lie on the disk.
   *
   * @param side width and height of a record.
   */
  decode(images: readonly ImageFile[], side: number): Promise<DecodeReply> {
    const request = requestOf(images, side);
    return this.#ask(request, [request.bytes.buffer]) as Promise<DecodeReply>;
  }

  /** SHA-256 of a file as hexadecimal digits, by the thread that has least to do. */
  async hash(file: string): Promise<string> {
    return (await this.#ask({ hash: file }) as HashReply).sha256;
  }

  #ask(request: DecodeRequest | HashRequest, transfer: ArrayBuffer[] = []): Promise<Reply> {
    const free = this.#members.reduce((a, b) => b.waiting.length < a.waiting.length ? b : a);
    const answer = Promise.withResolvers<Reply>();
    answer.promise.catch(() => {}); // it is looked at later, in order
    free.waiting.push(answer);
    free.worker.postMessage(request, transfer);
    return answer.promise;
  }

  [Symbol.dispose](): void {
    for (const { worker } of this.#members) worker.terminate();
  }
}

/** What is sent to a thread: the bytes in one piece of memory, which can be handed over. */
function requestOf(files: readonly ImageFile[], side: number): DecodeRequest {
  const total = files.reduce((sum, file) => sum + ("offset" in file.content ? 0 : file.size), 0);
  const bytes = new Uint8Array(total);
  let at = 0;
  const images = files.map(({ size, header, stored, content }): EncodedImage => {
    if ("offset" in content) return { size, header, stored, onDisk: content };
    bytes.set(content, at);
    at += size;
    return { size, header, stored };
  });
  return { size: side, images, bytes };
}

function start(message: DecodeStart): Member {
  const worker = new Worker(new URL("./decode_worker.ts", import.meta.url), { type: "module" });
  const waiting: Member["waiting"] = [];
  const ready = Promise.withResolvers<void>();
  const failed = (why: string) => new Error(`Cannot decode images: ${why}`);
  worker.onmessage = ({ data }: MessageEvent<"ready" | Failure | Reply>) => {
    if (data === "ready") ready.resolve();
    else if ("failed" in data) (waiting.shift() ?? ready).reject(failed(data.failed));
    else waiting.shift()!.resolve(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const error = failed(event.message);
    ready.reject(error);
    for (const answer of waiting) answer.reject(error);
  };
  worker.postMessage(message);
  return { worker, ready: ready.promise, waiting };
}
