/**
 * Python's pickles, read as data: a machine with a list of instructions that makes plain containers, numbers, texts and
 * descriptions of PyTorch's tensors. It calls nothing: what a pickle may name is a table, each with the value that stands
 * for it, and every other name is refused.
 *
 * Each instruction makes at most one value, nothing is copied twice and nothing recurses, so time and memory are bounded
 * by the length of the pickle. Source: CPython's pickletools.
 */
import { badPickle, decode, type Hands, STEPS } from "./pickle_steps.ts";
import type { Pickled } from "./pickle_values.ts";

/** Most instructions; a large model's checkpoint with its optimiser has some ten thousand. */
const MAX_STEPS = 1 << 20;

/** The place of an opening bracket on the stack. */
const MARK = Symbol("mark");

/**
 * The value that the pickle makes.
 *
 * @throws {SyntaxError} if it is damaged, or names or does anything but what is described above.
 */
export function parsePickle(bytes: Uint8Array): Pickled {
  return new Machine(bytes).run();
}

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: (Pickled | typeof MARK)[] = [];
  readonly #memo = new Map<number, Pickled>();
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): Pickled {
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const start = this.#at;
      const code = this.#take(1)[0]!;
      if (code === 0x2e) { // STOP
        const value = this.#pop();
        if (this.#stack.length > 0) throw badPickle("values are left over at its end");
        return value;
      }
      const step = STEPS[code];
      if (step === undefined) {
        throw badPickle(
          `instruction 0x${
            code.toString(16).padStart(2, "0")
          } at ${start} is none of those allowed`,
        );
      }
      step(this.#hands);
    }
    throw badPickle(`it has more than ${MAX_STEPS} instructions`);
  }

  readonly #hands: Hands = {
    push: (value: Pickled) => void this.#stack.push(value),
    pop: () => this.#pop(),
    top: () => this.#top(),
    mark: () => void this.#stack.push(MARK),
    popToMark: () => this.#popToMark(),
    take: (count: number) => this.#take(count),
    line: () => this.#line(),
    uint: (width: 1 | 2 | 4 | 8) => this.#uint(width),
    int32: () => this.#number(4, (at) => this.#view.getInt32(at, true)),
    double: () => this.#number(8, (at) => this.#view.getFloat64(at, false)),
    put: (key: number) => void this.#memo.set(key, this.#top()),
    memoize: () => void this.#memo.set(this.#memo.size, this.#top()),
    get: (key: number) => {
      const value = this.#memo.get(key);
      if (value === undefined) {
        throw badPickle(`it reads entry ${key} of its memo, which is not there`);
      }
      this.#stack.push(value);
    },
  };

  #take(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) {
      throw badPickle("it ends in the middle of an instruction");
    }
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  #number(width: number, read: (at: number) => number): number {
    this.#take(width);
    return read(this.#at - width);
  }

  #uint(width: 1 | 2 | 4 | 8): number {
    let value = 0;
    for (const [i, byte] of this.#take(width).entries()) value += byte * 2 ** (8 * i);
    return value;
  }

  /** Up to the next line feed. */
  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw badPickle("it ends in the middle of a name");
    const text = decode(this.#take(end - this.#at));
    this.#at++;
    return text;
  }

  #top(): Pickled {
    const value = this.#stack.at(-1);
    if (value === undefined || value === MARK) {
      throw badPickle("it takes a value where there is none");
    }
    return value;
  }

  #pop(): Pickled {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #popToMark(): Pickled[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw badPickle("it closes a bracket that it did not open");
    const values = this.#stack.splice(at);
    return values.slice(1) as Pickled[];
  }
}
