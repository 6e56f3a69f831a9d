/** Files on their way to a decoder, in one piece of memory that can be handed over. */

/** The bytes of all images, one after another. */
export function joined(images: readonly { readonly bytes: Uint8Array }[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(images.reduce((sum, image) => sum + image.bytes.length, 0));
  let at = 0;
  for (const image of images) {
    bytes.set(image.bytes, at);
    at += image.bytes.length;
  }
  return bytes;
}
