/** Giving memory back at once, which is otherwise kept until V8 happens to collect garbage: hundreds of batches may lie about. */

/** Frees the memory of a view that was alone in it. It is empty from then on. */
export function release({ buffer }: Uint8Array<ArrayBuffer>): void {
  buffer.transfer(0);
}
