/** Reading files from start to end, unpacked where they are gzipped. */
import { createReadStream } from "node:fs";
import { constants, createGunzip, gunzipSync } from "node:zlib";
import { DataError } from "./error.ts";

/** Bytes that are read and decompressed at once. */
const CHUNK = 1 << 18;

const GZIP = [0x1f, 0x8b] as const;

/** The bytes of the file at `path`; gzip files that were put one after the other are one. */
export async function* byteStream(
  path: string,
  { gzip }: { readonly gzip: boolean },
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const file = createReadStream(path, { highWaterMark: CHUNK });
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const plain = gzip ? file.on("error", (error) => gunzip.destroy(error)).pipe(gunzip) : file;
  try {
    // plain arrays: a Buffer's slice() is no copy
    for await (
      const { buffer, byteOffset, length } of plain as AsyncIterable<Uint8Array<ArrayBuffer>>
    ) {
      yield new Uint8Array(buffer, byteOffset, length);
    }
  } finally {
    file.destroy(); // what unpacks it fails, or is left, without it
  }
}

/** Up to `count` bytes that a file starts with, unpacked if it is gzipped. */
export async function startOf(
  path: string,
  count: number,
): Promise<{ readonly start: Uint8Array; readonly gzip: boolean }> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(Math.max(count, 1 << 16));
  const start = bytes.subarray(0, (await file.read(bytes)) ?? 0);
  const gzip = GZIP.every((byte, i) => start[i] === byte);
  return { start: (gzip ? unpackStart(start) : start).subarray(0, count), gzip };
}

/** What of a gzip stream that is cut off can be unpacked. */
function unpackStart(bytes: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }));
  } catch {
    return new Uint8Array();
  }
}

/**
 * Cuts a stream into pieces of `bytes` bytes each; a piece is valid until the next is asked for.
 *
 * @param file name for messages.
 * @throws {DataError} if the last piece is too short.
 */
export async function* records(
  stream: AsyncIterable<Uint8Array>,
  { bytes, file }: { readonly bytes: number; readonly file: string },
): AsyncGenerator<Uint8Array> {
  const record = new Uint8Array(bytes);
  let have = 0;
  for await (const chunk of stream) {
    let at = 0;
    if (have > 0) {
      at = Math.min(bytes - have, chunk.length);
      record.set(chunk.subarray(0, at), have);
      have += at;
      if (have < bytes) continue;
      yield record;
      have = 0;
    }
    for (; at + bytes <= chunk.length; at += bytes) yield chunk.subarray(at, at + bytes);
    record.set(chunk.subarray(at));
    have = chunk.length - at;
  }
  if (have === 0) return;
  throw new DataError(`Cannot read ${file}: it ends within a record of ${bytes} bytes`);
}
