/** Encodes the demonstration's pictures as JPEG. */

/** Encodes RGB bytes `[size, size, 3]` at quality 90, without subsampling of the colours. */
export type Encode = (rgb: Uint8Array, size: number) => Promise<Uint8Array>;

/** The encoder of `sharp`, the faster by far; `jpeg-js` where it does not load. */
export async function openEncoder(): Promise<Encode> {
  try {
    return await openSharp();
  } catch {
    return await openJpegJs();
  }
}

/** @throws {Error} where `sharp` does not load. */
export async function openSharp(): Promise<Encode> {
  const { default: sharp } = await import("sharp");
  return (rgb, size) =>
    sharp(rgb, { raw: { width: size, height: size, channels: 3 } })
      .jpeg({ quality: 90, chromaSubsampling: "4:4:4" }).toBuffer();
}

/** Works everywhere. */
export async function openJpegJs(): Promise<Encode> {
  const { default: jpeg } = await import("jpeg-js");
  return (rgb, size) => {
    const data = new Uint8Array(size * size * 4).fill(255);
    for (let i = 0; i < size * size; i++) data.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
    return Promise.resolve(jpeg.encode({ data, width: size, height: size }, 90).data);
  };
}
