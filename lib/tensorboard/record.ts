/** TFRecord's framing: length, checksum of the length, data, checksum of the data; all little-endian. */
import { maskedCrc32c } from "./crc32c.ts";

/**
 * A record that holds `data`.
 *
 * @example
 * ```ts
 * import { frameRecord } from "./mod.ts";
 *
 * console.assert(frameRecord(new Uint8Array(5)).length === 8 + 4 + 5 + 4);
 * ```
 */
export function frameRecord(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(12 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return record;
}
