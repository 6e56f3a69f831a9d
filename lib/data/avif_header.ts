/** Size of an AVIF image from the boxes of its file (ISO/IEC 14496-12 and 23008-12). */
import type { Size } from "./index_file.ts";

/** A box: its type and what it holds. */
interface Box {
  readonly type: string;
  readonly body: DataView;
}

/** True if the file's first box names AVIF among its brands. */
export function isAvif(bytes: Uint8Array): boolean {
  if (String.fromCharCode(...bytes.subarray(4, 8)) !== "ftyp") return false;
  const [first] = boxes(viewOf(bytes), { cut: true });
  if (first === undefined) return false;
  const brands = Array.from(
    { length: first.body.byteLength >> 2 },
    (_, i) => text(first.body, 4 * i),
  );
  return brands.includes("avif") || brands.includes("avis");
}

/**
 * Width and height of the upright image: those of the primary item, swapped where it is to be turned by a quarter.
 *
 * @returns `undefined` if the boxes go on after the end of `bytes`.
 * @throws {SyntaxError} if they do not say it; the message is the reason alone.
 */
export function avifHeader(bytes: Uint8Array): Size | undefined {
  try {
    const meta = find(boxes(viewOf(bytes)), "meta");
    if (meta === undefined) return undefined;
    const parts = [...boxes(rest(meta, 4))];
    const item = primaryItem(part(parts, "pitm"));
    const properties = [...boxes(part(parts, "iprp"))];
    const all = [...boxes(part(properties, "ipco"))];
    const own = propertiesOf(item, part(properties, "ipma")).map((number) => all[number - 1]);
    const size = own.find((box) => box?.type === "ispe")?.body;
    if (size === undefined) throw new SyntaxError("AVIF without a size");
    const turn = own.find((box) => box?.type === "irot")?.body.getUint8(0) ?? 0;
    const [width, height] = [size.getUint32(4), size.getUint32(8)];
    return turn % 2 === 0 ? { width, height } : { width: height, height: width };
  } catch (error) {
    if (error instanceof RangeError) throw new SyntaxError("damaged AVIF header"); // read past a box
    throw error;
  }
}

/** The boxes that lie in `view`, up to the first that is cut short; that one too if `cut`. */
function* boxes(view: DataView, { cut = false } = {}): Generator<Box> {
  for (let at = 0; at + 8 <= view.byteLength;) {
    let [length, head] = [view.getUint32(at), 8];
    if (length === 1 && at + 16 <= view.byteLength) {
      [length, head] = [Number(view.getBigUint64(at + 8)), 16];
    } else if (length === 0) length = view.byteLength - at;
    if (length < head) throw new SyntaxError("damaged AVIF header");
    const end = at + length;
    if (end > view.byteLength && !cut) return;
    const bytes = Math.min(end, view.byteLength) - at - head;
    yield {
      type: text(view, at + 4),
      body: new DataView(view.buffer, view.byteOffset + at + head, bytes),
    };
    at = end;
  }
}

function find(list: Iterable<Box>, type: string): DataView | undefined {
  for (const box of list) if (box.type === type) return box.body;
  return undefined;
}

function part(list: Iterable<Box>, type: string): DataView {
  const body = find(list, type);
  if (body === undefined) throw new SyntaxError(`AVIF without ${type}`);
  return body;
}

function primaryItem(pitm: DataView): number {
  return pitm.getUint8(0) === 0 ? pitm.getUint16(4) : pitm.getUint32(4);
}

/** Numbers, from 1, of an item's properties in their list. */
function propertiesOf(item: number, ipma: DataView): number[] {
  const [version, wide] = [ipma.getUint8(0), (ipma.getUint8(3) & 1) === 1];
  const entries = ipma.getUint32(4);
  let at = 8;
  for (let i = 0; i < entries; i++) {
    const id = version === 0 ? ipma.getUint16(at) : ipma.getUint32(at);
    at += version === 0 ? 2 : 4;
    const count = ipma.getUint8(at++);
    const numbers = Array.from({ length: count }, (_, k) => {
      return wide ? ipma.getUint16(at + 2 * k) & 0x7fff : ipma.getUint8(at + k) & 0x7f;
    });
    if (id === item) return numbers;
    at += wide ? 2 * count : count;
  }
  return [];
}

function rest(view: DataView, from: number): DataView {
  return new DataView(view.buffer, view.byteOffset + from, view.byteLength - from);
}

function text(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
