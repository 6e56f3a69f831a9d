/** Checksums made right again, so that damage behind them is reached. */
import { crc32 } from "node:zlib";

/** Bytes of a tar's block. */
const BLOCK = 512;

/** Checksums of every block of a tar that looks like a header. */
export function mendTar(bytes: Uint8Array): void {
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) {
    const block = bytes.subarray(at, at + BLOCK);
    const isHeader = String.fromCharCode(...block.subarray(257, 262)) === "ustar";
    if (!isHeader) continue;
    block.fill(0x20, 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  }
}

/** Checksums of the chunks of a PNG, as far as their lengths lead. */
export function mendPng(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length) return;
    view.setUint32(end, crc32(bytes.subarray(at + 4, end)));
    at = end + 4;
  }
}

/** The size that a shard or an index of a dataset states. */
export function mendHeader(bytes: Uint8Array): void {
  if (bytes.length < 64 || String.fromCharCode(...bytes.subarray(0, 5)) !== "CCMIM") return;
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(16, BigInt(bytes.length), true);
}

/** The length of the header that a safetensors file states: up to its last bracket. */
export function mendSafetensors(bytes: Uint8Array): void {
  const end = new TextDecoder("latin1").decode(bytes).lastIndexOf("]}}") + 3;
  if (end < 11) return;
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, BigInt(end - 8), true);
}

/** Checksums of the members of a zip archive, as far as its directory leads to them. */
export function mendZip(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [directory, member] = [0x02014b50, 0x04034b50];
  for (let at = 0; at + 46 <= bytes.length; at++) {
    if (view.getUint32(at, true) !== directory) continue;
    const [size, head] = [view.getUint32(at + 24, true), view.getUint32(at + 42, true)];
    if (head + 30 > bytes.length || view.getUint32(head, true) !== member) continue;
    const from = head + 30 + view.getUint16(head + 26, true) + view.getUint16(head + 28, true);
    const sum = crc32(bytes.subarray(from, from + size));
    view.setUint32(at + 16, sum, true);
    view.setUint32(head + 14, sum, true);
  }
}
