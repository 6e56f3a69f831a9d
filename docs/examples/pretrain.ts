/**
 * Pretrains a small Vision Transformer on a folder of pictures in class folders, says what its features are worth, and exports it.
 *
 *     deno run -A docs/examples/pretrain.ts pictures out/example 200
 */
import { exportCheckpoint, prepare, pretrain, probe } from "../../mod.ts";

const [pictures, out, steps] = Deno.args;
if (pictures === undefined || out === undefined) {
  console.error("usage: deno run -A docs/examples/pretrain.ts pictures folder [steps]");
  Deno.exit(2);
}
const data = `${out}/dataset`, run = `${out}/run`;
await prepare(pictures, data, { size: 32, valFraction: 0.2 });

const options = { recipe: "demo", steps: Number(steps ?? 200) } as const;
const trained = await pretrain({ data, out: run, options, resume: false }, {
  step: ({ step, rec }) => step % 20 === 0 ? console.log(`step ${step}: ${rec.toFixed(3)}`) : {},
});
console.log(`reconstruction loss ${trained.rec}, predicting the mean: ${trained.meanLevel}`);

const request = { checkpoint: run, data, out: `${out}/probe`, options: { kind: "knn" } } as const;
const { top1 } = await probe(request);
console.log(`nearest neighbours are right about ${(100 * top1).toFixed(1)}% of held-out pictures`);

await exportCheckpoint({ checkpoint: run, out: `${out}/encoder.onnx`, data });
