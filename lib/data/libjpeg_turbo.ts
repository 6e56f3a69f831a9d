/**
 * JPEG in this thread, without a native library: libjpeg-turbo compiled to WebAssembly. It gives the pixels that the
 * libjpeg-turbo in sharp and in Pillow gives, and the same bytes on every machine.
 */
import createCodec from "@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs";
import type { Size } from "./index_file.ts";

/** Version of the package, as deno.json pins it. */
const VERSION = "1.2.8";

/** The library with its version. */
export const TURBO = `libjpeg-turbo ${VERSION}`;

/** Chroma subsampling of what is encoded, and libjpeg-turbo's number for it. */
export const SUBSAMPLING = "4:2:0";
const TJSAMP_420 = 2;

/** What encoding needs. */
export interface EncodeOptions extends Size {
  /** 1-100, as libjpeg understands it. */
  readonly quality: number;
}

/** A decoder and encoder of one thread. */
export interface LibjpegTurbo {
  readonly name: "libjpeg-turbo";
  readonly version: string;
  /**
   * @returns uint8 [height, width, 3], and the size; not turned by EXIF.
   * @throws {SyntaxError} if it is no whole JPEG of one or three channels.
   */
  decode(jpeg: Uint8Array): Size & { readonly pixels: Uint8Array };
  /** Room for a JPEG of so many bytes in the decoder's own memory, valid until it decodes. */
  input(bytes: number): Uint8Array;
  /** The same as `decode` of what was put into `input`, which saves a copy. */
  decodeInput(): Size & { readonly pixels: Uint8Array };
  /**
   * A baseline JPEG, 4:2:0. One that would be larger than its pixels, as that of a tiny image, gets more rows: the last one
   * repeated, which whoever decodes it leaves out.
   *
   * @param pixels uint8 [height, width, 3].
   */
  encode(pixels: Uint8Array, options: EncodeOptions): Uint8Array;
}

interface FrameInfo extends Size {
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned: boolean;
}

/** What the package makes. */
interface Codec {
  JPEGDecoder: new () => {
    getEncodedBuffer(bytes: number): Uint8Array;
    decode(): void;
    getFrameInfo(): FrameInfo;
    getDecodedBuffer(): Uint8ClampedArray;
  };
  JPEGEncoder: new () => {
    getDecodedBuffer(frame: FrameInfo): Uint8Array;
    setQuality(quality: number): void;
    setProgressive(progressive: 0 | 1): void;
    setSubSampling(subsampling: number): void;
    encode(): void;
    getEncodedBuffer(): Uint8ClampedArray;
  };
}

/** Emscripten's way to let others load the program; it calls `receive` with it. */
interface Loading {
  instantiateWasm(
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance) => void,
  ): WebAssembly.Exports;
}

/** Loads the program without waiting, so that whoever reads a dataset need not wait either. */
function loadCodec(): Codec {
  const program = new URL(import.meta.resolve("@cornerstonejs/codec-libjpeg-turbo-8bit/wasm"));
  const loading: Loading & Partial<Codec> = {
    instantiateWasm(imports, receive) {
      const module = new WebAssembly.Module(Deno.readFileSync(program));
      const instance = new WebAssembly.Instance(module, imports);
      receive(instance);
      return instance.exports;
    },
  };
  (createCodec as (loading: Loading) => unknown)(loading); // it adds what it makes to what it gets
  const { JPEGDecoder, JPEGEncoder } = loading;
  if (!JPEGDecoder || !JPEGEncoder) throw new Error("Cannot load libjpeg-turbo: it is not there");
  return { JPEGDecoder, JPEGEncoder };
}

/**
 * Loads it for this thread.
 *
 * @internal
 */
export function openLibjpegTurbo(): LibjpegTurbo {
  const codec = loadCodec();
  const decoder = new codec.JPEGDecoder();
  const encoder = new codec.JPEGEncoder();
  let room = 0;

  /**
   * The package gives its output as much memory as the pixels take, which small or noisy images exceed; but it never takes
   * memory away, so a larger blank image first makes room for what libjpeg-turbo may write (tjBufSize).
   */
  const makeRoom = (width: number, height: number) => {
    const blank = { width: width + 48, height: height + 48, quality: 1 };
    const bytes = 3 * blank.width * blank.height;
    if (bytes > room) compress(new Uint8Array(bytes), blank);
    room = Math.max(room, bytes);
  };
  const compress = (pixels: Uint8Array, { width, height, quality }: EncodeOptions) => {
    const frame = { width, height, bitsPerSample: 8, componentCount: 3, isSigned: false };
    encoder.setQuality(quality);
    encoder.setProgressive(0);
    encoder.setSubSampling(TJSAMP_420);
    encoder.getDecodedBuffer(frame).set(pixels);
    encoder.encode();
  };

  const decodeInput = () => {
    try {
      decoder.decode();
    } catch (cause) { // a number: the address of a C++ exception
      throw new SyntaxError("no whole JPEG of one or three channels", { cause });
    }
    const { width, height } = decoder.getFrameInfo();
    const decoded = decoder.getDecodedBuffer();
    const pixels = new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.length);
    return { width, height, pixels: pixels.length === width * height ? grey(pixels) : pixels };
  };

  return {
    name: "libjpeg-turbo",
    version: VERSION,
    decode(jpeg) {
      decoder.getEncodedBuffer(jpeg.length).set(jpeg);
      return decodeInput();
    },
    input: (bytes) => decoder.getEncodedBuffer(bytes),
    decodeInput,
    encode(pixels, options) {
      const { width, height, quality } = options;
      if (pixels.length !== width * height * 3) {
        throw new RangeError(
          `Cannot encode ${pixels.length} bytes as ${width} x ${height} pixels of 3`,
        );
      }
      for (let rows = height;; rows *= 2) {
        makeRoom(width, rows);
        compress(withRows(pixels, rows * width * 3, width * 3), { width, height: rows, quality });
        const jpeg = new Uint8Array(encoder.getEncodedBuffer().buffer);
        if (jpeg.length <= rows * width * 3) return jpeg; // beyond that, the package returns zeros
      }
    },
  };
}

/** The pixels with their last row repeated up to a length. */
function withRows(pixels: Uint8Array, length: number, row: number): Uint8Array {
  if (pixels.length === length) return pixels;
  const result = new Uint8Array(length);
  result.set(pixels);
  for (let at = pixels.length; at < length; at += row) result.copyWithin(at, at - row, at);
  return result;
}

/** One channel three times. */
function grey(values: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(values.length * 3);
  for (let i = 0; i < values.length; i++) pixels.fill(values[i]!, 3 * i, 3 * i + 3);
  return pixels;
}
