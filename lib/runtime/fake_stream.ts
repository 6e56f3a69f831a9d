import type { DeviceMemory, Stream, StreamEvent } from "./stream.ts";

/** Something on a stream. */
interface Item {
  run(): void;
  /** An item that waits for another stream: true once it need not. */
  ready?(): boolean;
}

/** A stream of which nothing happens before something waits for it, or, if it is early, as soon as nothing holds it back. */
export class FakeStream implements Stream {
  readonly pointer = null;
  readonly #early: boolean;
  readonly #items: Item[] = [];
  /** Items so far, and those that have happened. */
  #put = 0;
  #done = 0;

  constructor(options: { early?: boolean } = {}) {
    this.#early = options.early ?? false;
  }

  clear(target: DeviceMemory): void {
    this.#enqueue({ run: () => void bytesOf(target).fill(0) });
  }

  copyIn(target: DeviceMemory, byteOffset: number, source: Uint8Array<ArrayBufferLike>): void {
    this.#enqueue({ run: () => bytesOf(target).set(source, byteOffset) });
  }

  copyOut(source: DeviceMemory, byteOffset: number, target: Uint8Array<ArrayBufferLike>): void {
    const end = byteOffset + target.byteLength;
    this.#enqueue({ run: () => target.set(bytesOf(source).subarray(byteOffset, end)) });
  }

  launch(run: () => void): void {
    this.#enqueue({ run });
  }

  record(event: StreamEvent): void {
    const point = { stream: this, ticket: this.#put + 1, at: NaN };
    (event as FakeEvent).point = point;
    this.#enqueue({ run: () => void (point.at = performance.now()) });
  }

  wait(event: StreamEvent): void {
    const { point } = event as FakeEvent;
    if (point === null) return;
    const { stream, ticket } = point;
    this.#enqueue({ run: () => stream.finish(ticket), ready: () => stream.has(ticket) });
  }

  synchronize(): void {
    this.finish(this.#put);
  }

  /** Lets everything up to an item happen. */
  finish(ticket: number): void {
    while (this.#done < ticket) this.#step();
  }

  /** True once an item has happened. */
  has(ticket: number): boolean {
    return this.#done >= ticket;
  }

  [Symbol.dispose](): void {}

  #enqueue(item: Item): void {
    this.#items.push(item);
    this.#put++;
    while (this.#early && this.#items.length > 0 && (this.#items[0]!.ready?.() ?? true)) {
      this.#step();
    }
  }

  #step(): void {
    const item = this.#items.shift()!;
    this.#done++;
    item.run();
  }
}

/** A point in a fake stream. */
export class FakeEvent implements StreamEvent {
  point: { readonly stream: FakeStream; readonly ticket: number; at: number } | null = null;

  get done(): boolean {
    return this.point === null || this.point.stream.has(this.point.ticket);
  }

  synchronize(): void {
    this.point?.stream.finish(this.point.ticket);
  }

  secondsSince(earlier: StreamEvent): number {
    earlier.synchronize();
    this.synchronize();
    return (this.point!.at - (earlier as FakeEvent).point!.at) / 1000;
  }

  [Symbol.dispose](): void {}
}

function bytesOf(memory: DeviceMemory): Uint8Array<ArrayBufferLike> {
  return (memory as DeviceMemory & { bytes: Uint8Array<ArrayBufferLike> }).bytes;
}
