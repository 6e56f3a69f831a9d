/** Tiny shared libraries for tests of loading: they hold names and no code, and Linux's loader takes them. */

/** What a library says of itself. */
export interface FakeLibrary {
  readonly soname?: string;
  readonly needed?: readonly string[];
  /** Bytes that a section table would take behind the end, as in a file that was cut short. */
  readonly missing?: number;
}

/** The bytes of a 64-bit ELF shared library for this machine. */
export function fakeLibrary(library: FakeLibrary = {}): Uint8Array<ArrayBuffer> {
  const { soname, needed = [], missing = 0 } = library;
  const names = new TextEncoder().encode(`\0${[...needed, soname ?? ""].join("\0")}\0`);
  const offsetOf = (i: number) =>
    1 + needed.slice(0, i).reduce((sum, name) => sum + name.length + 1, 0);

  const HEADER = 64, SEGMENT = 56, ENTRY = 16;
  const symbols = HEADER + 2 * SEGMENT; // one empty symbol of 24 bytes
  const dynamic = symbols + 24;
  const entries: [tag: number, value: number][] = [
    ...needed.map((_, i): [number, number] => [1, offsetOf(i)]),
    ...soname === undefined ? [] : [[14, offsetOf(needed.length)] as [number, number]],
  ];
  const strings = dynamic + (entries.length + 5) * ENTRY;
  entries.push([5, strings], [10, names.length], [6, symbols], [11, 24], [0, 0]);
  const bytes = strings + names.length;

  const file = new Uint8Array(bytes), view = new DataView(file.buffer);
  const word = (offset: number, value: number) => view.setBigUint64(offset, BigInt(value), true);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 3, true); // a shared library
  view.setUint16(18, Deno.build.arch === "aarch64" ? 183 : 62, true);
  view.setUint32(20, 1, true);
  word(32, HEADER); // program headers
  if (missing > 0) word(40, bytes + missing); // section headers
  view.setUint16(52, HEADER, true);
  view.setUint16(54, SEGMENT, true);
  view.setUint16(56, 2, true);
  const segment = (i: number, type: number, offset: number, size: number) => {
    const at = HEADER + i * SEGMENT;
    view.setUint32(at, type, true);
    view.setUint32(at + 4, 6, true); // read and write
    word(at + 8, offset);
    word(at + 16, offset);
    word(at + 24, offset);
    word(at + 32, size);
    word(at + 40, size);
    word(at + 48, type === 1 ? 4096 : 8);
  };
  segment(0, 1, 0, bytes);
  segment(1, 2, dynamic, entries.length * ENTRY);
  entries.forEach(([tag, value], i) => {
    word(dynamic + i * ENTRY, tag);
    word(dynamic + i * ENTRY + 8, value);
  });
  file.set(names, strings);
  return file;
}
