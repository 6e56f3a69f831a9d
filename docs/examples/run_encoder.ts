/**
 * Runs an encoder that `ccmim export` wrote on image files, and says how alike they are: the cosine of their features.
 *
 *     deno run -A docs/examples/run_encoder.ts encoder.onnx cat.jpg dog.jpg car.jpg
 */
import sharp from "sharp";
import { runtime } from "../../mod.ts";

const [model, ...images] = Deno.args;
if (model === undefined || images.length === 0) {
  console.error("usage: deno run -A docs/examples/run_encoder.ts encoder.onnx image...");
  Deno.exit(2);
}
using environment = runtime.Environment.open();
using session = environment.session(Deno.readFileSync(model), { graphOptimization: "all" });
const { name, shape: [, size] } = session.inputs[0]!; // uint8 [batch, size, size, 3], RGB
if (size === undefined) {
  throw new TypeError(`Cannot feed images to ${model}: its input is no image`);
}

const features = await Promise.all(images.map(async (image) => {
  const pixels = await sharp(image).flatten().resize(size, size).toColourspace("srgb").raw()
    .toBuffer();
  const data = new Uint8Array(pixels);
  const { cls } = session.run({ [name]: { dtype: "uint8", shape: [1, size, size, 3], data } });
  const values = cls!.data as Float32Array; // [1, width]
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}));
for (const [i, a] of features.entries()) {
  const cosines = features.map((b) => a.reduce((sum, value, j) => sum + value * b[j]!, 0));
  console.log(cosines.map((cosine) => cosine.toFixed(3)).join("  "), images[i]);
}
