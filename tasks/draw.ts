/** Draws a folder of small pictures in class folders, the same for the same seed: `deno task draw <folder>`. */
import { count, fail, taskArguments } from "./arguments.ts";
import { writePictures } from "./demo/images.ts";

const { values, positionals } = taskArguments(
  "deno task draw <folder> [--train n] [--val n]   (pictures of each of 12 classes)",
  {
    allowPositionals: true,
    options: {
      train: { type: "string", default: "50" },
      val: { type: "string", default: "10" },
    },
  },
);
const [folder, ...others] = positionals;
if (folder === undefined || others.length > 0) fail("Cannot draw: give one folder", 2);
const pictures = await writePictures(folder, {
  seed: 0,
  train: count("--train", values.train),
  val: count("--val", values.val),
});
console.log(`Drew ${pictures} pictures: ${folder}`);
