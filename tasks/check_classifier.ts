/**
 * Scores an exported classifier with onnxruntime-node's own JavaScript API, as a program would that knows nothing of this project
 * but the file's metadata: its accuracy is to be that of `ccmim finetune --evaluate-only`.
 *
 * The dataset must be stored at the classifier's size, so that nothing is left to cut or resize.
 */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { openDataset, type SplitName } from "../lib/data/mod.ts";
import { count, fail, taskArguments } from "./arguments.ts";

const usage = "deno task check:classifier [--split test] [--batch 100] <model.onnx> <dataset>";
const { values, positionals } = taskArguments(usage, {
  options: {
    split: { type: "string", default: "test" },
    batch: { type: "string", default: "100" },
  },
  allowPositionals: true,
});
const [path, folder] = positionals;
if (path === undefined || folder === undefined) fail(`usage: ${usage}`, 2);
const batch = count("--batch", values.batch);

using dataset = openDataset(folder);
const split = dataset.split(values.split as SplitName);
const { size } = dataset.manifest;
const session = await InferenceSession.create(Deno.readFileSync(path));
const [input] = session.inputMetadata;
const wanted = input?.isTensor ? input.shape : [];
if (String(wanted.slice(1)) !== `${size},${size},3`) {
  fail(
    `Cannot score ${path} on ${folder}: it takes ${wanted}, the dataset stores ${size} px; ` +
      "export with --input uint8, and prepare at the classifier's size",
    1,
  );
}

let [images, correct] = [0, 0];
const samples = Array.from({ length: split.count }, (_, i) => i).filter((i) => split.label(i) >= 0);
for (let first = 0; first < samples.length; first += batch) {
  const own = samples.slice(first, first + batch);
  const pixels = new Uint8Array(own.length * split.recordBytes);
  own.forEach((sample, i) => {
    split.read(sample, pixels.subarray(i * split.recordBytes, (i + 1) * split.recordBytes));
  });
  const tensor = new Tensor("uint8", pixels, [own.length, size, size, 3]);
  const { logits } = await session.run({ [session.inputNames[0]!]: tensor });
  const [, classes] = logits!.dims as [number, number];
  const scores = logits!.data as Float32Array;
  own.forEach((sample, i) => {
    const row = scores.subarray(i * classes, (i + 1) * classes);
    const best = row.reduce((most, score, c) => score > row[most]! ? c : most, 0);
    images++;
    if (best === split.label(sample)) correct++;
  });
}
console.log(JSON.stringify({ images, correct, top1: correct / images }));
Deno.exit(0); // the library's threads would keep the process
