/** Decodes batches of images in a thread of its own. Started by `DecodePool`. */
/// <reference lib="deno.worker" />
import { createHash } from "node:crypto";
import { type DecodeReply, SHA256_BYTES, SUMS } from "./decode_reply.ts";
import { type DecodeOptions, type Decoder, type DecoderName, openDecoder } from "./decoder.ts";
import type { ImageHeader } from "./dimensions.ts";
import { DiskReader, GoneError } from "./disk_reader.ts";
import type { Size } from "./index_file.ts";
import { openLibjpegTurbo } from "./libjpeg_turbo.ts";
import { sha256OfFile } from "./named_file.ts";
import { leaveToCollector } from "./native_memory.ts";
import { placeImage } from "./place.ts";
import { release } from "./release.ts";
import type { OnDisk } from "./source.ts";

/** First message: which decoder, and what it makes of every image. Answered by `"ready"`. */
export interface DecodeStart extends DecodeOptions {
  readonly decoder: DecoderName;
  /** Make each record a JPEG of this quality; null keeps it as it is. */
  readonly quality: number | null;
}

/** An image of a batch. */
export interface EncodedImage {
  /** Bytes of the file. */
  readonly size: number;
  readonly header: ImageHeader;
  /** Size to store it at. */
  readonly stored: Size;
  /** Where its bytes are, if they do not come with the batch. */
  readonly onDisk?: OnDisk;
}

/** A batch, and one after the other the bytes of all files that are not read here. */
export interface DecodeRequest {
  /** Width and height of a record. */
  readonly size: number;
  readonly images: readonly EncodedImage[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Red, green and blue. */
const CHANNELS = 3;

/** About what a hash holds that is no longer used. */
const HASH_BYTES = 256;

/** Images that a thread has under way at once: one is decoded while another goes in or comes out. */
const LANES = 2;

/** A file to hash, which this thread does where there is nothing left to decode. */
export interface HashRequest {
  readonly hash: string;
}

/** SHA-256 of it as hexadecimal digits. */
export interface HashReply {
  readonly sha256: string;
}

/** In place of an answer: why there is none. */
export interface Failure {
  readonly failed: string;
}

let decoder: Decoder;
const disk = new DiskReader();
/** What makes records of pixels, if they are not kept as they are. */
let jpeg: { encode(pixels: Uint8Array, size: Size): Uint8Array } | undefined;
/** Batches are decoded one after the other, so they are answered in the order in which they came. */
let last = Promise.resolve();

type Message = DecodeStart | DecodeRequest | HashRequest;

self.onmessage = ({ data }: MessageEvent<Message>) => {
  last = last.then(() => answer(data)).catch((error) => {
    const failure: Failure = { failed: reasonOf(error) };
    self.postMessage(failure);
  });
};

async function answer(message: Message): Promise<void> {
  if ("decoder" in message) {
    decoder = await openDecoder(message.decoder, message);
    const { quality } = message;
    if (quality !== null) {
      const turbo = openLibjpegTurbo();
      jpeg = { encode: (pixels, size) => turbo.encode(pixels, { ...size, quality }) };
    }
    self.postMessage("ready");
  } else if ("hash" in message) {
    const reply: HashReply = { sha256: sha256OfFile(message.hash) };
    self.postMessage(reply);
  } else {
    const reply = await decodeBatch(message);
    const { records, ends, sha256, sums } = reply;
    self.postMessage(reply, [records, ends, sha256, sums].map(({ buffer }) => buffer));
  }
}

async function decodeBatch({ size: side, images, bytes }: DecodeRequest): Promise<DecodeReply> {
  const raw = side * side * CHANNELS;
  const room = jpeg === undefined ? new Uint8Array(images.length * raw) : null;
  const encoded = images.map((): Uint8Array => new Uint8Array());
  const sha256 = new Uint8Array(images.length * SHA256_BYTES);
  const sums = new Float64Array(images.length * SUMS);
  const reasons = new Map<number, string>();
  const numbers = images.entries();
  let offset = 0;
  const lane = async () => {
    for (const [i, image] of numbers) { // shared, so each lane takes the next
      const { onDisk, size } = image;
      const file = onDisk === undefined
        ? bytes.subarray(offset, offset += size)
        : read(onDisk, size);
      if (typeof file === "string") {
        reasons.set(i, file);
        continue;
      }
      const record = room?.subarray(i * raw, (i + 1) * raw);
      try {
        const { pixels, digest } = await decodeOne({ ...image, file }, { record, side });
        if (onDisk !== undefined) release(file); // no file's pixels lie in its own bytes
        if (jpeg !== undefined) encoded[i] = jpeg.encode(pixels, image.stored);
        sha256.set(digest, i * SHA256_BYTES);
        sums.set(sumsOf(pixels), i * SUMS);
      } catch (error) {
        reasons.set(i, reasonOf(error));
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  release(bytes);
  let end = 0;
  const ends = Uint32Array.from(encoded, ({ length }) => end += room === null ? length : raw);
  return { records: room ?? joined(encoded), ends, sha256, sums, reasons };
}

/** What lies on the disk, or why it is gone. Where the disk fails, no image is to blame: that ends the run. */
function read(place: OnDisk, size: number): Uint8Array<ArrayBuffer> | string {
  try {
    return disk.read(place, size);
  } catch (error) {
    if (error instanceof GoneError) return error.message;
    throw error;
  }
}

/** Pixels of an image, and SHA-256 of its file. If there is a record to be filled, then it is, up to all of its square. */
async function decodeOne(
  { file, header, stored }: EncodedImage & { readonly file: Uint8Array },
  { record, side }: { readonly record: Uint8Array | undefined; readonly side: number },
): Promise<{ readonly pixels: Uint8Array; readonly digest: Uint8Array }> {
  const isWhole = stored.width === side && stored.height === side;
  const target = record !== undefined && isWhole ? { ...stored, into: record } : stored;
  const pixels = await decoder.decode(file, header, target);
  if (record !== undefined && pixels !== record) {
    placeImage(pixels, stored, { record, size: side });
  }
  const digest = createHash("sha256").update(file).digest();
  leaveToCollector(HASH_BYTES);
  return { pixels, digest };
}

function joined(records: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const record of records) bytes.set(record, (at += record.length) - record.length);
  return bytes;
}

/** Pixels of which the squares sum up to less than 2^31, so that whole numbers of 32 bits do. */
const RUN = 1 << 14;

function sumsOf(pixels: Uint8Array): number[] {
  const total = [0, 0, 0, 0, 0, 0];
  for (let begin = 0; begin < pixels.length; begin += 3 * RUN) {
    const end = Math.min(begin + 3 * RUN, pixels.length);
    let red = 0, green = 0, blue = 0, red2 = 0, green2 = 0, blue2 = 0;
    for (let i = begin; i < end; i += 3) {
      const r = pixels[i]!, g = pixels[i + 1]!, b = pixels[i + 2]!;
      red = (red + r) | 0;
      green = (green + g) | 0;
      blue = (blue + b) | 0;
      red2 = (red2 + r * r) | 0;
      green2 = (green2 + g * g) | 0;
      blue2 = (blue2 + b * b) | 0;
    }
    [red, green, blue, red2, green2, blue2].forEach((sum, i) => total[i]! += sum);
  }
  return total;
}

/** The first line of an error's message. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0]!.trim() || "cannot be decoded";
}
