/** The fields of a protobuf message in a file, one after the other, without what they hold. */
import type { FileBytes } from "./file_bytes.ts";

/** A field: its content is `start <= i < end` of the file. */
export interface Field {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 a length and so many bytes, 5 four bytes. */
  readonly wire: number;
  readonly start: number;
  readonly end: number;
  /** The number itself if it is a varint, else 0. */
  readonly value: number;
}

/** Longest text that is read. */
const LONGEST_TEXT = 1 << 20;

/** Walks through the message at `start <= i < end`. @throws {SyntaxError} if it is no protobuf message. */
export function* fields(file: FileBytes, start: number, end: number): Generator<Field> {
  for (let at = start; at < end;) {
    const tag = varint(file, at);
    const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8];
    if (number === 0) throw bad(`a field at byte ${at} has number 0`);
    const field = content(file, tag.end, { number, wire });
    if (field.end > end) throw bad(`field ${number} ends at ${field.end}, its message at ${end}`);
    yield field;
    at = field.end;
  }
}

/** A field's text. */
export function text(file: FileBytes, { start, end, number }: Field): string {
  if (end - start > LONGEST_TEXT) throw bad(`the text of field ${number} has ${end - start} bytes`);
  return new TextDecoder().decode(file.bytes(start, end - start));
}

/** A field's number; 0 if there is no field. */
export function integer(field: Field | undefined): number {
  return field?.value ?? 0;
}

function content(
  file: FileBytes,
  at: number,
  { number, wire }: { readonly number: number; readonly wire: number },
): Field {
  switch (wire) {
    case 0: {
      const { value, end } = varint(file, at);
      return { number, wire, start: at, end, value };
    }
    case 1:
      return { number, wire, start: at, end: at + 8, value: 0 };
    case 2: {
      const { value, end } = varint(file, at);
      return { number, wire, start: end, end: end + value, value: 0 };
    }
    case 5:
      return { number, wire, start: at, end: at + 4, value: 0 };
    default:
      throw bad(`field ${number} at byte ${at} has wire type ${wire}`);
  }
}

function varint(file: FileBytes, start: number): { value: number; end: number } {
  let [value, factor, at] = [0, 1, start];
  for (let byte = 128; byte >= 128; factor *= 128) {
    if (at - start === 10) throw bad(`a number at byte ${start} does not end`);
    byte = file.byte(at++);
    value += (byte & 127) * factor;
  }
  return { value, end: at };
}

function bad(what: string): SyntaxError {
  return new SyntaxError(`Cannot read as protobuf: ${what}`);
}
