/** A model of ONNX Runtime's arena (`BFCArena`, version 1.30), to foresee what it loses to fragments. */

/** Sizes are multiples of this many bytes. */
const GRANULE = 256;
/** The first piece that is asked of the system, and the largest that more than is needed is asked for. */
const FIRST_REGION = 2 ** 20, LARGEST_GROWTH = 2 ** 30;
/** A free chunk is split if it is twice as large as needed, or this much larger. */
const MOST_WASTE = 2 ** 27;

/** A piece of a region, in use or free; its neighbours are of the same region. */
interface Chunk {
  readonly address: number;
  size: number;
  isFree: boolean;
  before: Chunk | null;
  after: Chunk | null;
}

/** What the arena handed out. */
export type Allocation = Chunk;

/** How much an arena asks of the system: `doubled` (kNextPowerOfTwo) or just what is needed (kSameAsRequested). */
export type ArenaGrowth = "doubled" | "needed";

/** Best fit with coalescing. */
export class ArenaModel {
  /** Most bytes in use at once. */
  peak = 0;
  /** Bytes asked of the system. */
  reserved = 0;
  readonly #isDoubled: boolean;
  #inUse = 0;
  #growth = FIRST_REGION;
  /** By size, equal ones by address. */
  readonly #free: Chunk[] = [];

  constructor(growth: ArenaGrowth = "doubled") {
    this.#isDoubled = growth === "doubled";
  }

  allocate(byteLength: number): Allocation {
    const size = Math.max(1, Math.ceil(byteLength / GRANULE)) * GRANULE;
    if ((this.#free.at(-1)?.size ?? 0) < size) this.#extend(size);
    const [chunk] = this.#free.splice(this.#position({ size, address: -1 }), 1) as [Chunk];
    if (chunk.size >= 2 * size || chunk.size - size >= MOST_WASTE) this.#split(chunk, size);
    chunk.isFree = false;
    this.#inUse += chunk.size;
    this.peak = Math.max(this.peak, this.#inUse);
    return chunk;
  }

  free(chunk: Allocation): void {
    this.#inUse -= chunk.size;
    let whole = chunk;
    if (whole.after?.isFree) this.#merge(whole, this.#take(whole.after));
    if (whole.before?.isFree) whole = this.#merge(this.#take(whole.before), whole);
    this.#insert(whole);
  }

  #extend(size: number): void {
    const isEnough = size <= this.#growth;
    while (size > this.#growth && this.#growth < LARGEST_GROWTH) this.#growth *= 2;
    const region = this.#isDoubled ? Math.max(size, this.#growth) : size;
    if (isEnough && this.#growth < LARGEST_GROWTH) this.#growth *= 2;
    this.#insert({ address: this.reserved, size: region, isFree: true, before: null, after: null });
    this.reserved += region;
  }

  #split(chunk: Chunk, size: number): void {
    const { address, after } = chunk;
    const rest: Chunk = {
      address: address + size,
      size: chunk.size - size,
      isFree: true,
      before: chunk,
      after,
    };
    if (after !== null) after.before = rest;
    chunk.after = rest;
    chunk.size = size;
    this.#insert(rest);
  }

  #merge(first: Chunk, second: Chunk): Chunk {
    first.size += second.size;
    first.after = second.after;
    if (second.after !== null) second.after.before = first;
    return first;
  }

  #take(chunk: Chunk): Chunk {
    return this.#free.splice(this.#position(chunk), 1)[0]!;
  }

  #insert(chunk: Chunk): void {
    chunk.isFree = true;
    this.#free.splice(this.#position(chunk), 0, chunk);
  }

  /** Where a free chunk of this size and address is, or belongs. */
  #position({ size, address }: Pick<Chunk, "size" | "address">): number {
    let [low, high] = [0, this.#free.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#free[middle]!;
      const isBefore = other.size < size || other.size === size && other.address < address;
      [low, high] = isBefore ? [middle + 1, high] : [low, middle];
    }
    return low;
  }
}
