/** Readers of image files: what the header says, then the pixels. */
import { DataError } from "../../lib/data/mod.ts";
import { openDecoder } from "../../lib/data/decoder.ts";
import type { DecoderName } from "../../lib/data/decoder.ts";
import { ImageTable } from "../../lib/data/image_table.ts";
import { listImages } from "../../lib/data/listing.ts";
import type { ImageHeader } from "../../lib/data/dimensions.ts";
import type { SourceFile } from "../../lib/data/source.ts";
import { digest } from "./digest.ts";
import { mendPng } from "./mend.ts";
import { type ImageKind, pictures } from "./pictures.ts";
import type { Reader } from "./reader.ts";

/** Most pixels that an image may declare here, as `--max-pixels`. */
export const MAX_PIXELS = 1 << 22;

const NAME = "image";
const TARGET = { width: 16, height: 16 };

/** A reader of one kind by one decoder. */
export function imageReader(kind: ImageKind, decoderName: DecoderName): Reader {
  const decoder = openDecoder(decoderName, { maxPixels: MAX_PIXELS });
  decoder.catch(() => {}); // told by read()
  const reader = decoderName === "sharp" ? kind : `${kind} (${decoderName})`;
  return {
    name: reader,
    dialect: kind === "png" ? { mend: mendPng } : {},
    valid: async () => (await pictures(kind)).map((bytes) => new Map([[NAME, bytes]])),
    async read(folder) {
      const { decode, decodes } = await decoder;
      const bytes = Deno.readFileSync(`${folder}/${NAME}`);
      const header = await headerOf(bytes, decodes);
      let pixels: Uint8Array;
      try {
        pixels = await decode(bytes, header, TARGET);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        throw new DataError(`Cannot use ${NAME}: ${error.message}`, { cause: error });
      }
      const expected = 3 * TARGET.width * TARGET.height;
      if (pixels.length !== expected) throw new Error(`${pixels.length} bytes, not ${expected}`);
      return digest(pixels);
    },
  };
}

/** The header as `prepare` finds it. */
async function headerOf(bytes: Uint8Array, decodes: "jpeg" | "all"): Promise<ImageHeader> {
  const file: SourceFile = {
    kind: "file",
    path: `${NAME}.jpg`,
    size: bytes.length,
    read: () => Promise.resolve(bytes.slice()),
  };
  const source = {
    name: "source",
    split: "train",
    async *entries() {
      await Promise.resolve();
      yield file;
    },
  } as const;
  const options = { decodes, maxPixels: MAX_PIXELS, onImage: () => {} };
  const images = new ImageTable();
  await listImages(source, images, { prefix: "", ...options });
  const header = images.reason(0) ?? images.header(0);
  if (typeof header === "string") throw new DataError(`Cannot use ${NAME}: ${header}`);
  return header;
}
