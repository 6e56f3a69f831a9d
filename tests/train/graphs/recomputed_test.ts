import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { PretrainingConfig } from "../../../lib/ccmim/mod.ts";
import { arenaStatistics, Environment, type TensorData } from "../../../lib/runtime/mod.ts";
import { arrayOver, DTYPES, random, sizeOf } from "../../../lib/tensor/mod.ts";
import { gradientGraph } from "../../../lib/train/mod.ts";
import { MICRO, MICRO_MAE } from "../../_models.ts";

/** Six blocks on 64 patches. */
const SMALL: PretrainingConfig = {
  ...MICRO,
  model: { ...MICRO.model, imageSize: 16, width: 32, depth: 4, decoderWidth: 32, decoderDepth: 2 },
};

/** Runs a gradient graph on data that depends on the inputs' names and shapes alone. */
function run(config: PretrainingConfig, options: Parameters<typeof gradientGraph>[2]) {
  const { imageSize } = config.model;
  const graph = gradientGraph(config, { batch: 6, storedSize: imageSize, crop: false }, options);
  using environment = Environment.open();
  using session = environment.session(graph.model, { threads: 1 });
  const inputs = Object.fromEntries(session.inputs.map(({ name, dtype, shape }) => {
    const sample = [...name].reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) % 65521, 0);
    const draw = random({ seed: 2, purpose: "draw", sample });
    const data = arrayOver(dtype, new Uint8Array(sizeOf(shape as number[]) * DTYPES[dtype].bytes));
    for (let i = 0; i < data.length; i++) {
      data[i] = name === "images"
        ? draw.below(256)
        : name === "noise"
        ? draw.uniform()
        : name === "lossScale"
        ? 8
        : name.startsWith("projector")
        ? 0.5 + draw.uniform()
        : 0.4 * draw.uniform() - 0.2;
    }
    return [name, { dtype, shape, data } as TensorData];
  }));
  const before = arenaStatistics(session)!.inUse;
  const outputs = session.run(inputs);
  return { outputs, peak: arenaStatistics(session)!.peak - before };
}

/** Names of the outputs whose bytes differ. */
function differing(a: Record<string, TensorData>, b: Record<string, TensorData>): string[] {
  assert.deepEqual(Object.keys(a), Object.keys(b));
  return Object.keys(a).filter((name) => {
    const [x, y] = [a[name]!.data, b[name]!.data].map(({ buffer }) => Buffer.from(buffer));
    return Buffer.compare(x!, y!) !== 0;
  });
}

Deno.test("gradientGraph() with recomputation gives the same bytes", () => {
  const both = { ...MICRO, align: { ...MICRO.align, gradient: "both" } } as const;
  const topk = { ...MICRO, masking: { ...MICRO.masking, sampling: "topk" } } as const;
  const shallow = { ...MICRO_MAE, model: { ...MICRO_MAE.model, decoderDepth: 0 } };
  for (const config of [MICRO, MICRO_MAE, both, topk, shallow, SMALL]) {
    const plain = run(config, { inspect: true });
    const again = run(config, { inspect: true, recompute: "blocks" });
    assert.deepEqual(differing(plain.outputs, again.outputs), []);
    assert.ok(Number(plain.outputs["loss"]!.data[0]) > 0);
  }
});

Deno.test("gradientGraph() with recomputation gives the same bytes in mixed precision", () => {
  for (const type of ["bfloat16", "float16"] as const) {
    const lower = { type, simulate: true };
    const plain = run(SMALL, { lower });
    const again = run(SMALL, { lower, recompute: "blocks" });
    assert.deepEqual(differing(plain.outputs, again.outputs), []);
    assert.notDeepEqual(differing(plain.outputs, run(SMALL, {}).outputs), []);
  }
});

Deno.test("gradientGraph() with recomputation needs less memory at once", () => {
  const deep = { ...SMALL, model: { ...SMALL.model, depth: 12, decoderDepth: 8 } };
  for (const config of [deep, { ...deep, align: { ...deep.align, weight: 0 } }]) {
    const plain = run(config, {}).peak;
    const again = run(config, { recompute: "blocks" }).peak;
    assert.ok(again < 0.6 * plain, `${plain} bytes without, ${again} with`);
  }
});
