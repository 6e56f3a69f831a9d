/** Batches from a loader's shared memory to where sessions read them. */
import {
  type Buffer,
  type DeviceContext,
  hostBufferOver,
  type Staging,
  type Tensors,
  type Transfer,
} from "../runtime/mod.ts";
import type { BatchField, Loader, MicroBatch } from "../data/mod.ts";
import type { PlacedBatch } from "./graphs/batch_runs.ts";

/** What the graphs of a model read of a batch: the first fields of a slot. */
const FIELDS = [
  ...["images", "boxes", "flips", "noise"] as const,
  ...["labels", "draws", "mix"] as const,
] as const satisfies readonly BatchField[];

/** Micro-batches one after the other. */
export interface Feed extends Disposable {
  /** Seconds that were spent waiting for data so far. */
  readonly waited: number;
  /**
   * The next micro-batch. It stays there until {@linkcode done}.
   *
   * @throws {DataError} if the dataset cannot be read.
   */
  next(): PlacedBatch;
  /** Says that all that reads the micro-batch has been run. */
  done(): void;
  /**
   * Fetches the next micro-batch ahead if that gains anything: to be called before the host waits for the device, when all that
   * the device can do has been run.
   */
  readAhead(): void;
}

/**
 * A feed of what the loader reads. The host's sessions read a slot in place. For a device the slot is copied to one of two
 * places while the step before runs, and goes back to the loader once that copy is done.
 *
 * @param options.microBatches how many will be asked for; unless given, the loader has no end.
 *
 * @internal
 */
export function openFeed(
  context: DeviceContext,
  loader: Loader,
  options: { readonly microBatches?: number } = {},
): Feed {
  using opening = new DisposableStack();
  const { fields } = loader.layout;
  const names = FIELDS.filter((name) => fields[name].byteLength > 0);
  const tensorsOver = (buffer: Buffer): Tensors =>
    Object.fromEntries(
      names.map((name) => [name, opening.use(context.environment.tensor(buffer, fields[name]))]),
    );
  const byteLength = Math.max(...names.map((name) => endOf(fields[name])));
  const staging = context.openStaging(new Uint8Array(loader.memory), byteLength);
  if (staging === null) {
    const tensors = loader.slots.map(({ byteOffset }) =>
      tensorsOver(opening.use(hostBufferOver(loader.memory, byteOffset, byteLength)))
    );
    return new HostFeed(loader, tensors, opening.move());
  }
  opening.use(staging);
  const tensors = staging.buffers.map(tensorsOver);
  const { microBatches = Infinity } = options;
  return new StagedFeed(loader, staging, { tensors, microBatches, stack: opening.move() });
}

function endOf({ byteOffset, byteLength }: { byteOffset: number; byteLength: number }): number {
  return byteOffset + byteLength;
}

/** Slots read in place. */
class HostFeed implements Feed {
  readonly #loader: Loader;
  readonly #tensors: readonly Tensors[];
  readonly #stack: DisposableStack;
  #present: MicroBatch | null = null;

  constructor(loader: Loader, tensors: readonly Tensors[], stack: DisposableStack) {
    this.#loader = loader;
    this.#tensors = tensors;
    this.#stack = stack;
  }

  get waited(): number {
    return this.#loader.waited;
  }

  next(): PlacedBatch {
    const { slot } = this.#present = this.#loader.next();
    return { tensors: this.#tensors[slot]!, place: slot };
  }

  done(): void {
    this.#loader.release(this.#present!);
  }

  readAhead(): void {} // the data worker does

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

/** A micro-batch that was copied, or is. */
interface Staged {
  readonly microBatch: MicroBatch;
  readonly transfer: Transfer;
}

/** Slots copied ahead. */
class StagedFeed implements Feed {
  readonly #loader: Loader;
  readonly #staging: Staging;
  readonly #tensors: readonly Tensors[];
  readonly #stack: DisposableStack;
  #remaining: number;
  /** The place of the next copy. */
  #place = 0;
  /** The copy whose slot has not gone back yet. */
  #held: Staged | null = null;
  /** Whether the next micro-batch is under way, or why it could not be had. */
  #isAhead = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(
    loader: Loader,
    staging: Staging,
    options: { tensors: readonly Tensors[]; microBatches: number; stack: DisposableStack },
  ) {
    this.#loader = loader;
    this.#staging = staging;
    this.#tensors = options.tensors;
    this.#remaining = options.microBatches;
    this.#stack = options.stack;
  }

  get waited(): number {
    return this.#loader.waited;
  }

  next(): PlacedBatch {
    if (this.#failure !== null) throw this.#failure.error;
    if (!this.#isAhead) this.#copyNext();
    this.#isAhead = false;
    if (this.#held?.transfer.done) this.#giveBack();
    const place = this.#present;
    this.#staging.arrive(place);
    return { tensors: this.#tensors[place]!, place };
  }

  done(): void {
    this.#staging.consumed(this.#present);
  }

  readAhead(): void {
    if (this.#remaining === 0 || this.#isAhead || this.#failure !== null) return;
    try {
      this.#copyNext();
    } catch (error) {
      this.#failure = { error }; // for who asks for that micro-batch: the one before is still good
    }
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  /** The place of the last copy. */
  get #present(): number {
    return (this.#place + this.#tensors.length - 1) % this.#tensors.length;
  }

  #copyNext(): void {
    this.#giveBack();
    const microBatch = this.#loader.next();
    const { byteOffset } = this.#loader.slots[microBatch.slot]!;
    const transfer = this.#staging.copy(this.#place, byteOffset);
    this.#held = { microBatch, transfer };
    this.#place = (this.#place + 1) % this.#tensors.length;
    this.#remaining--;
    this.#isAhead = true;
  }

  /** Gives a slot back once its copy is done. By then that has long been the case: the copy belongs to the step before. */
  #giveBack(): void {
    if (this.#held === null) return;
    this.#held.transfer.wait();
    this.#loader.release(this.#held.microBatch);
    this.#held = null;
  }
}
