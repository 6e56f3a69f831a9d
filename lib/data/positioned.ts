/** Whole reads and writes at a place in a file. */

/**
 * Fills `target` from `offset` on; returns how many bytes there were, less than asked only at the end.
 *
 * @internal
 */
export function readAt(file: Deno.FsFile, offset: number, target: Uint8Array): number {
  file.seekSync(offset, Deno.SeekMode.Start);
  let done = 0;
  while (done < target.length) {
    const count = file.readSync(target.subarray(done));
    if (count === null) break;
    done += count;
  }
  return done;
}

/** Writes all of `bytes` at `offset`. */
export function writeAt(file: Deno.FsFile, offset: number, bytes: Uint8Array): void {
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
}
