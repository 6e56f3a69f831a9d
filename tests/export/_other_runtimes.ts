/**
 * Runs a model with ONNX Runtime's own JavaScript APIs, and prints what they give as JSON. A process of its own, since the
 * library for Node and the one that this project opens are the same.
 *
 *     deno run -A _other_runtimes.ts <model.onnx> <batch> <size> <uint8|float32>
 */
import * as node from "onnxruntime-node";
import * as web from "onnxruntime-web";
import { normalisedPlanes } from "../../lib/export/verify.ts";
import { drawImages, IMAGES, type InputKind } from "../../lib/export/mod.ts";

/** What both APIs have, as far as it is used here. */
interface Api {
  readonly InferenceSession: typeof node.InferenceSession;
  readonly Tensor: typeof node.Tensor;
}

const [path, batch, size, kind] = Deno.args as [string, string, string, InputKind];
const drawn = drawImages(Number(batch), Number(size), 3);
const images = kind === "uint8" ? drawn : normalisedPlanes(drawn);

async function run(
  { InferenceSession, Tensor }: Api,
  options: node.InferenceSession.SessionOptions,
) {
  const session = await InferenceSession.create(Deno.readFileSync(path), options);
  const tensor = new Tensor(images.dtype as "float32", images.data as Float32Array, images.shape);
  const results = await session.run({ [IMAGES]: tensor });
  return Object.fromEntries(
    Object.entries(results).map(([name, { dims, data }]) => {
      return [name, { dims, values: [...data as Float32Array] }];
    }),
  );
}

web.env.wasm.numThreads = 1;
// Kernels of some processors would round what int8 weights are multiplied with to 8 bits as well
const extra = { session: { qdq_matmulnbits_accuracy_level: "0" } };
const results = {
  node: await run(node, { intraOpNumThreads: 1, extra }),
  web: await run(web, { executionProviders: ["wasm"] }),
};
console.log(JSON.stringify(results));
Deno.exit(0); // their threads would keep the process
