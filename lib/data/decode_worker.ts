/** Decodes batches of images in a thread of its own. Started by `DecodePool`. */
/// <reference lib="deno.worker" />
import { createHash } from "node:crypto";
import { type DecodeOptions, type Decoder, type DecoderName, openDecoder } from "./decoder.ts";
import type { ImageHeader } from "./dimensions.ts";
import { DiskReader } from "./disk_reader.ts";
import type { Size } from "./index_file.ts";
import { type LibjpegTurbo, openLibjpegTurbo } from "./libjpeg_turbo.ts";
import { sha256OfFile } from "./named_file.ts";
import { placeImage } from "./place.ts";
import type { Content, OnDisk } from "./source.ts";

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

/** What came of an image: sums over its pixels, or why it is bad. */
export type DecodedImage =
  | {
    /** SHA-256 of the file. */
    readonly sha256: Uint8Array;
    /** Sum of red, green, blue, then of their squares. */
    readonly sums: readonly number[];
    /** Where its record lies in the answer. */
    readonly at: number;
    readonly length: number;
  }
  | { readonly reason: string };

/** Answer to a batch, and the records. */
export interface DecodeReply {
  readonly images: readonly DecodedImage[];
  readonly records: Uint8Array<ArrayBuffer>;
}

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

let decoder: Decoder;
const disk = new DiskReader();
let jpeg: { readonly turbo: LibjpegTurbo; readonly quality: number } | undefined;
/** Batches are decoded one after the other, so they are answered in the order in which they came. */
let last = Promise.resolve();

type Message = DecodeStart | DecodeRequest | HashRequest;

self.onmessage = ({ data }: MessageEvent<Message>) => {
  last = last.then(() => answer(data));
};

async function answer(message: Message): Promise<void> {
  if ("decoder" in message) {
    decoder = await openDecoder(message.decoder, message);
    const { quality } = message;
    if (quality !== null) jpeg = { turbo: openLibjpegTurbo(), quality };
    self.postMessage("ready");
  } else if ("hash" in message) {
    const reply: HashReply = { sha256: sha256OfFile(message.hash) };
    self.postMessage(reply);
  } else {
    const reply = await decodeBatch(message);
    self.postMessage(reply, [reply.records.buffer]);
  }
}

/** An image that was decoded, and its record. */
type Encoded = Exclude<DecodedImage, { reason: string }> & { readonly record: Uint8Array };

async function decodeBatch({ size, images, bytes }: DecodeRequest): Promise<DecodeReply> {
  const results = new Array<Encoded | { readonly reason: string }>(images.length);
  const numbers = images.entries();
  let offset = 0;
  const lane = async () => {
    for (const [i, image] of numbers) { // shared, so each lane takes the next
      const file = image.onDisk ?? bytes.subarray(offset, offset += image.size);
      results[i] = await decodeOne({ ...image, file }, size);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));

  const total = results.reduce((sum, one) => sum + ("record" in one ? one.record.length : 0), 0);
  const records = new Uint8Array(total);
  let at = 0;
  const decoded = results.map((one): DecodedImage => {
    if ("reason" in one) return one;
    const { record, ...image } = one;
    records.set(record, at);
    return { ...image, at: (at += record.length) - record.length };
  });
  return { images: decoded, records };
}

async function decodeOne(
  image: EncodedImage & { readonly file: Content },
  size: number,
): Promise<Encoded | { readonly reason: string }> {
  const { header, stored } = image;
  try {
    const bytes = "offset" in image.file ? disk.read(image.file, image.size) : image.file;
    const pixels = await decoder.decode(bytes, header, stored);
    const record = recordOf(pixels, stored, size);
    const sha256 = createHash("sha256").update(bytes).digest();
    return { sha256, sums: sums(pixels), record, at: 0, length: record.length };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** The bytes that are kept of an image. */
function recordOf(pixels: Uint8Array, stored: Size, size: number): Uint8Array {
  if (jpeg !== undefined) return jpeg.turbo.encode(pixels, { ...stored, quality: jpeg.quality });
  if (pixels.length === size * size * 3) return pixels;
  const record = new Uint8Array(size * size * 3);
  placeImage(pixels, stored, { record, size });
  return record;
}

/** Pixels of which the squares sum up to less than 2^31, so that whole numbers of 32 bits do. */
const RUN = 1 << 14;

function sums(pixels: Uint8Array): number[] {
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
