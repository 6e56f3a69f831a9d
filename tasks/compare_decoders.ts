/**
 * Says by how much the pixels of the two decoders differ: `deno task compare:decoders SOURCE [SIZE]`, for every JPEG of a
 * source, squashed to SIZE x SIZE (256). They differ before any resizing already: jpeg-js repeats chroma, libjpeg
 * interpolates it, and each rounds its cosine transform in its own way.
 */
import { DECODERS, openDecoder } from "../lib/data/decoder.ts";
import { dimensions } from "../lib/data/dimensions.ts";
import { openSources } from "../lib/data/open_source.ts";
import { filesOf } from "../lib/data/source.ts";

const [source, given = "256"] = Deno.args;
if (source === undefined) throw new Error("Usage: deno task compare:decoders SOURCE [SIZE]");
const size = Number(given);
const decoders = await Promise.all(DECODERS.map((name) => openDecoder(name)));

let [images, values, sum, squares, largest] = [0, 0, 0, 0, 0];
const means: number[] = [];
const counts = new Float64Array(256);
for await (const file of filesOf(await openSources([source]))) {
  const bytes = await file.read();
  const header = dimensions(bytes);
  if (header?.format !== "jpeg") continue;
  const target = { width: size, height: size };
  const [a, b] = await Promise.all(decoders.map((one) => one.decode(bytes, header, target)));
  let own = 0;
  for (const [i, value] of a!.entries()) {
    const difference = Math.abs(value - b![i]!);
    counts[difference]!++;
    own += difference;
    squares += difference ** 2;
    largest = Math.max(largest, difference);
  }
  images++;
  sum += own;
  values += a!.length;
  means.push(own / a!.length);
}
const shareAbove = (most: number) => {
  const above = counts.subarray(most + 1).reduce((total, count) => total + count, 0);
  return `${(100 * above / values).toFixed(3)}%`;
};
console.log(`${decoders.map(({ name, version }) => `${name} ${version}`).join(" and ")}`);
console.log(`${images} JPEGs squashed to ${size} x ${size}; differences on the scale 0-255:`);
console.log(
  `mean ${(sum / values).toFixed(3)}, root mean square ${Math.sqrt(squares / values).toFixed(3)}`,
);
console.log(`largest mean of an image ${Math.max(...means).toFixed(3)}, largest of all ${largest}`);
console.log(`more than 2: ${shareAbove(2)}, than 8: ${shareAbove(8)}, than 32: ${shareAbove(32)}`);
