/** The instructions of a pickle that are carried out. All others are refused. */
import {
  GLOBALS,
  type Pickled,
  PickledDict,
  PickledGlobal,
  PickledObject,
  type PickledStorage,
  storageOf,
} from "./pickle_values.ts";

/** What an instruction can do to the machine. */
export interface Hands {
  readonly push: (value: Pickled) => void;
  readonly pop: () => Pickled;
  readonly top: () => Pickled;
  readonly mark: () => void;
  readonly popToMark: () => Pickled[];
  readonly take: (count: number) => Uint8Array;
  readonly line: () => string;
  readonly uint: (width: 1 | 2 | 4 | 8) => number;
  readonly int32: () => number;
  readonly double: () => number;
  readonly put: (key: number) => void;
  readonly memoize: () => void;
  readonly get: (key: number) => void;
}

/** The instructions that are carried out, by their codes. */
export const STEPS: Readonly<Record<number, (hands: Hands) => void>> = {
  0x80: (m) => { // PROTO
    const version = m.uint(1);
    if (version < 2 || version > 5) {
      throw badPickle(`it is of protocol ${version}, and 2 to 5 are read`);
    }
  },
  0x95: (m) => void m.uint(8), // FRAME: a hint for readers ahead
  0x28: (m) => m.mark(), // MARK
  0x30: (m) => void m.pop(), // POP
  0x4e: (m) => m.push(null), // NONE
  0x88: (m) => m.push(true), // NEWTRUE
  0x89: (m) => m.push(false), // NEWFALSE
  0x4a: (m) => m.push(m.int32()), // BININT
  0x4b: (m) => m.push(m.uint(1)), // BININT1
  0x4d: (m) => m.push(m.uint(2)), // BININT2
  0x8a: (m) => m.push(toInteger(m.take(m.uint(1)))), // LONG1
  0x47: (m) => m.push(m.double()), // BINFLOAT
  0x58: (m) => m.push(decode(m.take(m.uint(4)))), // BINUNICODE
  0x8c: (m) => m.push(decode(m.take(m.uint(1)))), // SHORT_BINUNICODE
  0x8d: (m) => m.push(decode(m.take(m.uint(8)))), // BINUNICODE8
  0x42: (m) => m.push(m.take(m.uint(4))), // BINBYTES
  0x43: (m) => m.push(m.take(m.uint(1))), // SHORT_BINBYTES
  0x29: (m) => m.push([]), // EMPTY_TUPLE
  0x85: (m) => m.push([m.pop()]), // TUPLE1
  0x86: (m) => m.push([m.pop(), m.pop()].reverse()), // TUPLE2
  0x87: (m) => m.push([m.pop(), m.pop(), m.pop()].reverse()), // TUPLE3
  0x74: (m) => m.push(m.popToMark()), // TUPLE
  0x5d: (m) => m.push([]), // EMPTY_LIST
  0x61: (m) => append(m, [m.pop()]), // APPEND
  0x65: (m) => append(m, m.popToMark()), // APPENDS
  0x8f: (m) => m.push([]), // EMPTY_SET
  0x90: (m) => append(m, m.popToMark()), // ADDITEMS
  0x7d: (m) => m.push(new PickledDict()), // EMPTY_DICT
  0x73: (m) => setItems(m, [m.pop(), m.pop()].reverse()), // SETITEM
  0x75: (m) => setItems(m, m.popToMark()), // SETITEMS
  0x71: (m) => m.put(m.uint(1)), // BINPUT
  0x72: (m) => m.put(m.uint(4)), // LONG_BINPUT
  0x94: (m) => m.memoize(), // MEMOIZE
  0x68: (m) => m.get(m.uint(1)), // BINGET
  0x6a: (m) => m.get(m.uint(4)), // LONG_BINGET
  0x63: (m) => m.push(globalNamed(m.line(), m.line())), // GLOBAL
  0x93: (m) => { // STACK_GLOBAL
    const [module, name] = [m.pop(), m.pop()].reverse();
    m.push(globalNamed(module, name));
  },
  0x52: (m) => m.push(use(m)), // REDUCE
  0x81: (m) => m.push(use(m)), // NEWOBJ
  0x62: (m) => { // BUILD
    const state = m.pop();
    const target = m.top();
    if (target instanceof PickledObject) target.state = state;
    // Attributes of a dictionary, such as a state dict's `_metadata`, are left out
    else if (!(target instanceof PickledDict)) {
      throw badPickle("it gives attributes to what has none");
    }
  },
  0x51: (m) => m.push(refer(m.pop())), // BINPERSID
};

function append(m: Hands, values: readonly Pickled[]): void {
  const list = m.top();
  if (!Array.isArray(list)) throw badPickle("it appends to what is no list");
  for (const value of values) list.push(value);
}

function setItems(m: Hands, items: readonly (Pickled | undefined)[]): void {
  const dict = m.top();
  if (!(dict instanceof PickledDict)) throw badPickle("it sets items of what is no dictionary");
  for (let i = 0; i < items.length; i += 2) {
    const [key, value] = [items[i], items[i + 1]];
    if (typeof key !== "string" && typeof key !== "number") {
      throw badPickle("a key of a dictionary is neither a text nor a number");
    }
    if (value === undefined) throw badPickle("a key of a dictionary has no value");
    dict.entries.set(key, value);
  }
}

function globalNamed(module: Pickled | undefined, name: Pickled | undefined): PickledGlobal {
  if (typeof module !== "string" || typeof name !== "string") {
    throw badPickle("it names something by what is no text");
  }
  const full = `${module}.${name}`;
  const found = Object.hasOwn(GLOBALS, full) ? GLOBALS[full] : undefined;
  if (found === undefined) {
    throw badPickle(
      `it names ${shorten(full)}, and only tensors and plain containers are read; nothing was run`,
    );
  }
  return new PickledGlobal(full, found);
}

/** What a global makes of the arguments, both popped. */
function use(m: Hands): Pickled {
  const args = m.pop();
  const global = m.pop();
  if (!(global instanceof PickledGlobal)) throw badPickle("it calls what is no name");
  const made = Array.isArray(args) ? global.use(args) : null;
  if (made === null) throw badPickle(`it uses ${global.name} in a way that is not read`);
  return made;
}

function refer(id: Pickled): PickledStorage {
  const storage = storageOf(id);
  if (storage === null) throw badPickle("a reference to a storage is not as torch.save writes it");
  return storage;
}

/** A whole number in two's complement, least byte first. */
function toInteger(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = value << 8n | BigInt(byte);
  const signed = BigInt.asIntN(8 * bytes.length, value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}

/** UTF-8. */
export function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/** What is said of a pickle that is not read. */
export function badPickle(what: string): SyntaxError {
  return new SyntaxError(`Cannot read as a pickle: ${what}`);
}
