/**
 * Measures what storing photographs squashed to a square costs, against cropping from the originals: the same random crops of
 * pretraining, cut by training's own graph, out of both.
 */
import { openDecoder } from "../../lib/data/decoder.ts";
import { dimensions } from "../../lib/data/dimensions.ts";
import { storedSize } from "../../lib/data/fit.ts";
import { type LibjpegTurbo, openLibjpegTurbo } from "../../lib/data/libjpeg_turbo.ts";
import { openSources } from "../../lib/data/open_source.ts";
import { filesOf } from "../../lib/data/source.ts";
import { Environment } from "../../lib/runtime/mod.ts";
import { count, fail, taskArguments } from "../arguments.ts";
import { Cropper, type Image } from "./cropper.ts";
import { boxesOf, StoringStudy } from "./storing.ts";

/** Pixels of a side that the model sees. */
const OUTPUT = 224;

/** Qualities at which records are kept as JPEGs. */
const QUALITIES = [null, 95, 90] as const;

const USAGE = "deno task study:squash SOURCE [--sizes 256,320,384] [--crops 1000] [--json]";

/** A way to store. */
interface Way {
  readonly size: number;
  /** JPEG quality; null keeps the pixels. */
  readonly quality: number | null;
  readonly study: StoringStudy;
  /** Bytes of all images. */
  bytes: number;
}

const { values, positionals } = taskArguments(USAGE, {
  allowPositionals: true,
  options: {
    sizes: { type: "string", default: "256,320,384" },
    crops: { type: "string", default: "1000" },
    json: { type: "boolean", default: false },
  },
});
const [source] = positionals;
if (source === undefined) fail(`No source is given\nusage: ${USAGE}`, 2);
const crops = count("--crops", values.crops);
const sizes = values.sizes.split(",").map((size) => count("--sizes", size));

using environment = Environment.open();
using cropper = new Cropper(environment, OUTPUT);
const decoder = await openDecoder("sharp");
const jpeg = await openLibjpegTurbo();
const ways: Way[] = sizes.flatMap((size) =>
  QUALITIES.map((quality) => ({
    size,
    quality,
    study: new StoringStudy(cropper, OUTPUT),
    bytes: 0,
  }))
);
const originals = new StoringStudy(cropper, OUTPUT);

const files: Uint8Array[] = [];
for await (const file of filesOf(await openSources([source]))) files.push(await file.read());
let fileBytes = 0;
for (const [i, bytes] of files.entries()) {
  const header = dimensions(bytes)!;
  const { width, height } = header;
  const original = { width, height, pixels: await decoder.decode(bytes, header, header) };
  const boxes = boxesOf(original, { i, images: files.length, crops });
  const expected = cropper.cut(original, boxes);
  fileBytes += bytes.length;
  originals.add(original, original, { boxes, expected });
  for (const way of ways) {
    const target = storedSize(header, { size: way.size, fit: "squash", enlarged: false });
    const pixels = await decoder.decode(bytes, header, target);
    const kept = keep({ ...target, pixels }, way.quality, jpeg);
    way.bytes += way.quality === null ? way.size ** 2 * 3 : kept.bytes;
    way.study.add(original, kept.image, { boxes, expected });
  }
  console.error(`${i + 1} of ${files.length} images`);
}

/** What is read again of a stored image, and what it takes. */
function keep(
  image: Image,
  quality: number | null,
  jpeg: LibjpegTurbo,
): { readonly image: Image; readonly bytes: number } {
  if (quality === null) return { image, bytes: image.pixels.length };
  const { width, height } = image;
  const encoded = jpeg.encode(image.pixels, { width, height, quality });
  const pixels = jpeg.decode(encoded).pixels.slice(0, image.pixels.length);
  return { image: { width, height, pixels }, bytes: encoded.length };
}

const perImage = (bytes: number) => bytes / files.length / 1000;
const rows = [
  { stored: "the original", kB: perImage(fileBytes), ...originals.cost() },
  ...ways.map(({ size, quality, bytes, study }) => ({
    stored: `${size} x ${size}${quality === null ? "" : `, JPEG ${quality}`}`,
    kB: perImage(bytes),
    ...study.cost(),
  })),
];
if (values.json) {
  console.log(JSON.stringify({ images: files.length, crops, output: OUTPUT, rows }));
} else {
  console.log(`${crops} crops of ${files.length} images, ${OUTPUT} x ${OUTPUT}`);
  console.log("| stored | kB an image | mean error | 1 in 20 above | crops enlarged |");
  console.log("| --- | --- | --- | --- | --- |");
  for (const { stored, kB, error, error95, enlarged } of rows) {
    const share = `${(100 * enlarged).toFixed(0)}%`;
    const cells = [stored, kB.toFixed(0), error.toFixed(2), error95.toFixed(2), share];
    console.log(`| ${cells.join(" | ")} |`);
  }
}
