/** Decodes batches of images in a thread of its own. Started by `DecodePool`. */
/// <reference lib="deno.worker" />
import { createHash } from "node:crypto";
import { type DecodeOptions, type Decoder, type DecoderName, openDecoder } from "./decoder.ts";
import type { ImageHeader } from "./dimensions.ts";
import type { Size } from "./index_file.ts";
import { placeImage } from "./place.ts";

/** First message: which decoder, and what it makes of every image. Answered by `"ready"`. */
export interface DecodeStart extends DecodeOptions {
  readonly decoder: DecoderName;
}

/** An image of a batch. */
export interface EncodedImage {
  /** Bytes of the file. */
  readonly size: number;
  readonly header: ImageHeader;
  /** Size to store it at. */
  readonly stored: Size;
}

/** A batch: the files' bytes one after the other. */
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
  }
  | { readonly reason: string };

/** Answer to a batch: its records one after the other, zero where an image is bad. */
export interface DecodeReply {
  readonly images: readonly DecodedImage[];
  readonly records: Uint8Array<ArrayBuffer>;
}

/** Images that a thread has under way at once: one is decoded while another goes in or comes out. */
const LANES = 2;

let decoder: Decoder;
/** Batches are decoded one after the other, so they are answered in the order in which they came. */
let last = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<DecodeStart | DecodeRequest>) => {
  last = last.then(() => answer(data));
};

async function answer(message: DecodeStart | DecodeRequest): Promise<void> {
  if ("decoder" in message) {
    decoder = await openDecoder(message.decoder, message);
    self.postMessage("ready");
  } else {
    const reply = await decodeBatch(message);
    self.postMessage(reply, [reply.records.buffer]);
  }
}

async function decodeBatch(request: DecodeRequest): Promise<DecodeReply> {
  const { size, images } = request;
  const recordBytes = size * size * 3;
  const records = new Uint8Array(images.length * recordBytes);
  const decoded = new Array<DecodedImage>(images.length);
  const numbers = images.entries();
  let offset = 0;
  const lane = async () => {
    for (const [i, image] of numbers) { // shared, so each lane takes the next
      const file = request.bytes.subarray(offset, offset += image.size);
      const record = records.subarray(i * recordBytes, (i + 1) * recordBytes);
      decoded[i] = await decodeInto(record, size, { ...image, file });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { images: decoded, records };
}

async function decodeInto(
  record: Uint8Array,
  size: number,
  { file, header, stored }: EncodedImage & { readonly file: Uint8Array },
): Promise<DecodedImage> {
  try {
    const pixels = await decoder.decode(file, header, stored);
    placeImage(pixels, stored, { record, size });
    return { sha256: createHash("sha256").update(file).digest(), sums: sums(pixels) };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

function sums(pixels: Uint8Array): number[] {
  let red = 0, green = 0, blue = 0, red2 = 0, green2 = 0, blue2 = 0;
  for (let i = 0; i < pixels.length; i += 3) {
    const r = pixels[i]!, g = pixels[i + 1]!, b = pixels[i + 2]!;
    red += r;
    green += g;
    blue += b;
    red2 += r * r;
    green2 += g * g;
    blue2 += b * b;
  }
  return [red, green, blue, red2, green2, blue2];
}

/** The first line of an error's message. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0]!.trim() || "cannot be decoded";
}
