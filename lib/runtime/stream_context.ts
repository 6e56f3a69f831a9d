import type { Allocator, Buffer } from "./buffer.ts";
import type { Device } from "./device.ts";
import { deviceAllocator, DeviceBuffer } from "./device_buffer.ts";
import type { DeviceContext, Mark, Readback, Staging, Traffic } from "./device_context.ts";
import type { Environment } from "./environment.ts";
import { checkWrite } from "./host_context.ts";
import { Readbacks } from "./readbacks.ts";
import type { Session } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";
import { StreamStaging } from "./staging.ts";
import type { Driver, Stream, StreamEvent } from "./stream.ts";
import { Writes } from "./writes.ts";

/**
 * A device that runs beside the host. Every session computes on one stream, and writes and readbacks take their turn on it, so
 * that nothing but batches needs events: those are copied on a second stream.
 */
export class StreamContext implements DeviceContext {
  readonly environment: Environment;
  readonly device: Device;
  readonly allocator: Allocator;
  readonly runsAhead = true;
  readonly captures: boolean;
  readonly chunk: number;
  readonly traffic: Traffic = { hostToDevice: 0, deviceToHost: 0 };
  readonly #stack: DisposableStack;
  readonly #driver: Driver;
  readonly #compute: Stream;
  readonly #copies: Stream;
  readonly #writes: Writes;
  readonly #readbacks: Readbacks;

  /** Takes the driver over, also if it throws. */
  constructor(
    environment: Environment,
    driver: Driver,
    options: { readonly captures?: boolean; readonly chunk?: number } = {},
  ) {
    using stack = new DisposableStack();
    this.#driver = stack.use(driver);
    this.#compute = stack.use(driver.stream());
    this.#copies = stack.use(driver.stream());
    this.#writes = stack.use(new Writes(driver, this.#compute));
    this.#readbacks = stack.use(new Readbacks(driver, this.#compute));
    this.environment = environment;
    this.device = driver.device;
    this.captures = options.captures ?? false;
    this.chunk = options.chunk ?? Infinity; // a pass over everything is one launch a node
    this.allocator = deviceAllocator(driver, this.#compute, this.traffic);
    this.#stack = stack.move();
  }

  session(model: Uint8Array<ArrayBufferLike>, options: SessionOptions = {}): Session {
    const { device } = this;
    return this.environment.session(model, { ...options, device, stream: this.#compute });
  }

  write(buffer: Buffer, byteOffset: number, bytes: Uint8Array<ArrayBufferLike>): void {
    checkWrite(bytes);
    this.#writes.enqueue(this.#own(buffer), byteOffset, bytes);
    this.traffic.hostToDevice += bytes.byteLength;
  }

  readback(buffer: Buffer, byteOffset: number, byteLength: number): Readback {
    const readback = this.#readbacks.enqueue(this.#own(buffer), byteOffset, byteLength);
    this.traffic.deviceToHost += byteLength;
    return readback;
  }

  openStaging(source: Uint8Array<ArrayBufferLike>, byteLength: number): Staging {
    const { allocator, traffic } = this;
    return new StreamStaging({
      driver: this.#driver,
      allocator,
      compute: this.#compute,
      copies: this.#copies,
      traffic,
      source,
      byteLength,
    });
  }

  mark(): Mark {
    const event = this.#driver.event({ timed: true });
    this.#compute.record(event);
    return new StreamMark(event);
  }

  synchronize(): void {
    this.#copies.synchronize();
    this.#compute.synchronize();
  }

  memory(): { readonly free: number; readonly total: number } | null {
    return this.#driver.memory();
  }

  [Symbol.dispose](): void {
    if (this.#stack.disposed) return;
    try {
      this.synchronize();
    } finally {
      this.#stack.dispose();
    }
  }

  #own(buffer: Buffer): DeviceBuffer {
    if (buffer instanceof DeviceBuffer) return buffer;
    throw new TypeError("Cannot copy this buffer in the device's order: it is not on a device");
  }
}

class StreamMark implements Mark {
  readonly #event: StreamEvent;

  constructor(event: StreamEvent) {
    this.#event = event;
  }

  secondsSince(earlier: Mark): number {
    return this.#event.secondsSince((earlier as StreamMark).#event);
  }

  [Symbol.dispose](): void {
    this.#event[Symbol.dispose]();
  }
}
