/** NumPy's .npy, of a length that is known at the end only, and a list of names beside it. */
import { OutputFile } from "./output_file.ts";
import { namesFile, type RowWriter, type WriterOptions } from "./rows.ts";

/** Bytes of the header, whatever it says: room for any number of rows. */
const HEADER = 128;

/** float32 `[N, width]`, and the N names as a JSON array. */
export function npyWriter(path: string, { width }: WriterOptions): RowWriter {
  using stack = new DisposableStack();
  const file = stack.use(new OutputFile(path));
  const list = stack.use(new OutputFile(namesFile(path)));
  file.write(header(0, width));
  let count = 0;
  const opened = stack.move();
  return {
    write: (rows) => {
      if (!("features" in rows)) throw new TypeError("Cannot write predictions as .npy");
      const { names, features } = rows;
      file.write(new Uint8Array(features.buffer, features.byteOffset, features.byteLength));
      const lines = names.map((name, i) =>
        `${count + i === 0 ? "[" : ","}\n${JSON.stringify(name)}`
      );
      list.writeText(lines.join(""));
      count += names.length;
    },
    finish: () => {
      file.writeStart(header(count, width));
      list.writeText(count === 0 ? "[]\n" : "\n]\n");
      list.commit();
      file.commit();
    },
    [Symbol.dispose]: () => opened.dispose(),
  };
}

/** As `numpy.save` writes it (numpy.lib.format, version 1). */
function header(rows: number, width: number): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${width}), }`;
  const bytes = new Uint8Array(HEADER).fill(0x20);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, HEADER - 10, 0]);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[HEADER - 1] = 0x0a;
  return bytes;
}
