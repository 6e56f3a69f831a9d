import assert from "node:assert/strict";
import { join } from "node:path";
import type { PretrainingConfig } from "../../lib/ccmim/mod.ts";
import { decode, executionOrder, planMemory } from "../../lib/onnx/mod.ts";
import { arenaStatistics, Environment, hostAllocator, type Port } from "../../lib/runtime/mod.ts";
import { DTYPES, sizeOf } from "../../lib/tensor/mod.ts";
import { evaluationGraph, gradientGraph } from "../../lib/train/mod.ts";
import { MICRO, MICRO_MAE } from "../_models.ts";

const DEEP: PretrainingConfig = {
  ...MICRO,
  model: { ...MICRO.model, imageSize: 16, width: 32, depth: 6, decoderWidth: 32, decoderDepth: 4 },
};
const SIZES = { batch: 8, storedSize: 16, crop: true };
const PLAIN = { batch: 8, storedSize: 8, crop: false };

/** Graphs whose memory peaks in different places. */
const GRAPHS = {
  ccmim: gradientGraph(DEEP, SIZES),
  "ccmim, blocks computed again": gradientGraph(DEEP, SIZES, { recompute: "blocks" }),
  mae: gradientGraph(MICRO_MAE, PLAIN),
  "mae, blocks computed again": gradientGraph(MICRO_MAE, PLAIN, { recompute: "blocks" }),
  evaluation: evaluationGraph(DEEP, SIZES),
};

/** Names of the nodes in the order in which ONNX Runtime ran them, and the most that was in use at once. */
function observe(model: Uint8Array): { names: string[]; peak: number } {
  const folder = Deno.makeTempDirSync();
  using stack = new DisposableStack();
  stack.defer(() => Deno.removeSync(folder, { recursive: true }));
  const environment = stack.use(Environment.open());
  const profile = join(folder, "profile");
  const session = stack.use(environment.session(model, { threads: 1, profile }));
  const tensors = (ports: readonly Port[]) =>
    Object.fromEntries(ports.map(({ name, dtype, shape }) => {
      const type = { dtype, shape: shape as number[] };
      const buffer = stack.use(hostAllocator.allocate(sizeOf(type.shape) * DTYPES[dtype].bytes));
      return [name, stack.use(environment.tensor(buffer, type))];
    }));
  const bound = { inputs: tensors(session.inputs), outputs: tensors(session.outputs) };
  const binding = stack.use(session.bind(bound));
  const before = arenaStatistics(session)!.inUse;
  binding.run();
  const peak = arenaStatistics(session)!.peak - before;
  const events: { cat: string; name: string; ts: number }[] = JSON.parse(
    Deno.readTextFileSync(session.endProfiling()),
  );
  const nodes = events.filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"));
  nodes.sort((a, b) => a.ts - b.ts);
  return { names: nodes.map(({ name }) => name.replace(/_kernel_time$/, "")), peak };
}

for (const [name, { model }] of Object.entries(GRAPHS)) {
  Deno.test(`executionOrder() and planMemory() foresee what ONNX Runtime does: ${name}`, () => {
    const graph = decode("Model", model).graph!;
    const { names, peak } = observe(model);
    assert.deepEqual(executionOrder(graph).map((i) => graph.node![i]!.name), names);
    const plan = planMemory(graph);
    const ratio = peak / plan.peak;
    assert.ok(ratio > 0.95 && ratio < 1.05, `${peak} bytes in use, ${plan.peak} planned`);
    assert.ok(names.includes(plan.at));
  });
}
