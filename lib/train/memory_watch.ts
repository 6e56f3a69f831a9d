/** Says before a run that memory will not do, and afterwards why it did not. */
import type { RunConfig } from "../recipes/mod.ts";
import { showBytes } from "../runtime/mod.ts";
import { OutOfMemoryError } from "./errors.ts";
import { estimateMemory, largestBatch, type MemoryFacts, type RunMemory } from "./memory.ts";

/** Share of the memory that a batch which is offered may take. */
export const MEMORY_SHARE = 0.9;

/** What a run meets. */
export interface WatchFacts<C extends RunConfig> extends MemoryFacts<C> {
  /** Bytes that the run may still take where it computes. */
  readonly available: number;
  /** Whether the run goes on, so that its batch is fixed. */
  readonly isResumed: boolean;
}

/** The estimate of a run, held against the memory that there is. */
export class MemoryWatch<C extends RunConfig> {
  readonly memory: RunMemory;
  readonly #config: C;
  readonly #facts: WatchFacts<C>;

  constructor(config: C, facts: WatchFacts<C>) {
    this.memory = { ...estimateMemory(config, facts), available: facts.available };
    this.#config = config;
    this.#facts = facts;
  }

  /** What to tell before the first step; null if the run should fit. */
  get warning(): string | null {
    const { total, available } = this.memory;
    if (total <= available) return null;
    return `The run takes about ${showBytes(total)} of memory and ` +
      `${showBytes(available)} are there: ${this.#advice()}`;
  }

  /** The error itself, or, if it says that memory ran out, one that says what helps. */
  explain(error: unknown): unknown {
    if (!isOutOfMemory(error)) return error;
    const { total, available } = this.memory;
    const asked = requestedBytes(error.message);
    const what = asked === null ? "memory" : showBytes(asked);
    return new OutOfMemoryError(
      `Cannot allocate ${what} for micro-batches of ${this.#config.batch} images: the run takes about ` +
        `${showBytes(total)}, and ${showBytes(available)} were there; ` +
        `${this.#advice()} (${error.message.trim()})`,
      { cause: error },
    );
  }

  #advice(): string {
    const { available, isResumed, ...facts } = this.#facts;
    const config = this.#config;
    const bytes = MEMORY_SHARE * available;
    const offers: string[] = [];
    if (!isResumed) {
      const batch = largestBatch(config, { ...facts, bytes, most: config.batch - 1 });
      if (batch !== null) offers.push(`--batch ${batch}`);
    }
    if (config.recompute === "none") {
      const again = { ...config, recompute: "blocks" as const };
      const most = config.batch;
      const batch = isResumed
        ? estimateMemory(again, facts).total <= bytes ? most : null
        : largestBatch(again, { ...facts, bytes, most });
      if (batch === most) offers.push("--recompute blocks");
      else if (batch !== null) offers.push(`--recompute blocks --batch ${batch}`);
    }
    return offers.length > 0 ? `take ${offers.join(", or ")}` : "take a smaller model";
  }
}

/** What ONNX Runtime, CUDA and JavaScript say when memory runs out. */
const MESSAGES = [
  /Failed to allocate memory for requested buffer/,
  /Available memory of \d+ is smaller than requested bytes/,
  /bad_alloc/,
  /CUDA (?:error|failure) 2\b/,
  /\bout of memory\b/i,
  /CU(?:BLAS|DNN)_STATUS_ALLOC_FAILED/,
  /Array buffer allocation failed/,
];

/** True if `error` says that memory ran out. */
export function isOutOfMemory(error: unknown): error is Error {
  return error instanceof Error && MESSAGES.some((pattern) => pattern.test(error.message));
}

/** Bytes that were asked for in vain, where the message says it. */
function requestedBytes(message: string): number | null {
  const match = /requested (?:buffer of size|bytes of) (\d+)/.exec(message);
  return match === null ? null : Number(match[1]);
}
