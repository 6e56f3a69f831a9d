/** All readers of files that come from elsewhere. */
import { imageReader } from "./image_readers.ts";
import {
  checkpointReader,
  datasetReader,
  npyReader,
  pthReader,
  safetensorsReader,
} from "./own_readers.ts";
import { IMAGE_KINDS } from "./pictures.ts";
import type { Reader } from "./reader.ts";
import { sourceReaders } from "./source_readers.ts";

/** Readers by their order in the table. */
export const READERS: readonly Reader[] = [
  datasetReader,
  checkpointReader,
  safetensorsReader,
  pthReader,
  npyReader,
  ...sourceReaders(),
  ...IMAGE_KINDS.map((kind) => imageReader(kind, "sharp")),
  imageReader("jpeg", "jpeg-js"),
];
