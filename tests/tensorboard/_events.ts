/** Reads event files as their specifications say, without the code that writes them. */
import assert from "node:assert/strict";

/** A protobuf message: field number -> its values, numbers or bytes. */
export type Fields = Map<number, (number | Uint8Array)[]>;

/** Reads a message's fields; a varint is a number, 4 and 8 bytes are floats. */
function fieldsOf(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const varint = () => {
    let [value, factor] = [0, 1];
    for (;; factor *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    let value: number | Uint8Array;
    switch (tag & 7) {
      case 0:
        value = varint();
        break;
      case 1:
        value = view.getFloat64((at += 8) - 8, true);
        break;
      case 2: {
        const length = varint();
        value = bytes.subarray(at, at += length);
        break;
      }
      default:
        value = view.getFloat32((at += 4) - 4, true);
    }
    fields.set(tag >> 3, [...fields.get(tag >> 3) ?? [], value]);
  }
  assert.equal(at, bytes.length);
  return fields;
}

/** A bit at a time, from the last bit on: the definition of CRC-32C. */
export function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let i = 0; i < 8; i++) crc = (crc >> 1n) ^ (crc & 1n ? 0x82f63b78n : 0n);
  }
  return Number(crc ^ 0xffffffffn);
}

/** The data of all records, whose checksums must be right. */
export function recordsOf(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const masked = (data: Uint8Array) => {
    const crc = BigInt(slowCrc32c(data));
    return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
  };
  const records: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    assert.equal(view.getUint32(at + 8, true), masked(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    assert.equal(view.getUint32(at + 12 + length, true), masked(data));
    records.push(data);
    at += 16 + length;
  }
  return records;
}

/** One value of an event. */
export interface ReadValue {
  readonly step: number;
  readonly tag: string;
  /** A scalar, a text, or a PNG. */
  readonly value: number | string | Uint8Array;
}

const text = (bytes: number | Uint8Array | undefined) =>
  new TextDecoder().decode(bytes as Uint8Array);

/** What a file tells: its version, where it starts anew (0 if nowhere), and its values. */
export function readEvents(bytes: Uint8Array) {
  const [first, ...rest] = recordsOf(bytes).map(fieldsOf);
  const version = text(first!.get(3)![0]);
  let start = 0;
  const values = rest.flatMap((event): ReadValue[] => {
    const step = event.get(2)?.[0] as number;
    if (event.has(7)) start = step;
    const summary = event.get(5)?.[0];
    if (summary === undefined) return [];
    return (fieldsOf(summary as Uint8Array).get(1) ?? []).map((bytes) => {
      const fields = fieldsOf(bytes as Uint8Array);
      const tag = text(fields.get(1)![0]);
      if (fields.has(2)) return { step, tag, value: fields.get(2)![0]! };
      const inner = fieldsOf((fields.get(4) ?? fields.get(8))![0] as Uint8Array);
      if (fields.has(4)) return { step, tag, value: inner.get(4)![0]! };
      const plugin = fieldsOf(fieldsOf(fields.get(9)![0] as Uint8Array).get(1)![0] as Uint8Array);
      assert.equal(text(plugin.get(1)![0]), "text");
      return { step, tag, value: text(inner.get(8)![0]) };
    });
  });
  return { version, start, time: first!.get(1)![0] as number, values };
}
