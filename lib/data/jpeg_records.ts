/** Records that are kept as JPEGs. */
import { crc32 } from "node:zlib";
import { DataError } from "./error.ts";
import type { Index, Size } from "./index_file.ts";
import { type LibjpegTurbo, openLibjpegTurbo } from "./libjpeg_turbo.ts";
import type { OpenShards } from "./open_shards.ts";
import { placeImage } from "./place.ts";

/** Reads and decodes them; the decoder is loaded with the first. */
export class JpegRecords {
  readonly #shards: OpenShards;
  readonly #encoded: NonNullable<Index["encoded"]>;
  #turbo: LibjpegTurbo | undefined;

  constructor(shards: OpenShards, encoded: NonNullable<Index["encoded"]>) {
    this.#shards = shards;
    this.#encoded = encoded;
  }

  /**
   * Decodes sample `i` into a record.
   *
   * @param stored size of the image in the record.
   * @throws {DataError} if its bytes are not those that were written.
   */
  read(i: number, stored: Size, { record, size }: { record: Uint8Array; size: number }): void {
    const turbo = this.#turbo ??= openLibjpegTurbo();
    const { ends, crcs } = this.#encoded;
    const { shard, rank } = this.#shards.placeOf(i);
    const begin = rank === 0 ? 0 : ends[i - 1]!;
    const jpeg = turbo.input(ends[i]! - begin);
    this.#shards.read(i, shard, begin, jpeg);
    const { file } = this.#shards.shards[shard]!;
    if (crc32(jpeg) !== crcs[i]) {
      throw new DataError(
        `Cannot read sample ${i}: its bytes in ${file} are damaged; copy or prepare the dataset again`,
      );
    }
    const { pixels, width, height } = decode(turbo, i, file);
    // that of a tiny image has more rows than the image
    if (width !== stored.width || height < stored.height) {
      throw new DataError(
        `Cannot read sample ${i} of ${file}: it is ${width} x ${height} pixels, ` +
          `the index makes it ${stored.width} x ${stored.height}`,
      );
    }
    placeImage(pixels, stored, { record, size });
  }
}

function decode(turbo: LibjpegTurbo, sample: number, file: string) {
  try {
    return turbo.decodeInput();
  } catch (cause) {
    throw new DataError(`Cannot read sample ${sample} of ${file}: it is not a JPEG`, { cause });
  }
}
