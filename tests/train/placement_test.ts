import assert from "node:assert/strict";
import { add, cast, input, matmul, mul, reduceSum, relu } from "../../lib/graph/mod.ts";
import { decode, emit } from "../../lib/onnx/mod.ts";
import { type Device, Environment, type PlacedNode } from "../../lib/runtime/mod.ts";
import { gradientGraph } from "../../lib/train/mod.ts";
import { HOST_ELEMENTS, largeHostNodes, PlacementWatch } from "../../lib/train/placement.ts";
import { MICRO } from "../_models.ts";

const CPU = "CPUExecutionProvider", CUDA = "CUDAExecutionProvider";
const GPU: Device = { kind: "cuda", index: 0 };

/** The nodes of a model, by provider as `pick` says; those for which it gives null are left out. */
function placed(
  model: Uint8Array,
  pick: (name: string, op: string) => string | null,
): PlacedNode[] {
  return decode("Model", model).graph!.node!.flatMap(({ name = "", opType: op = "" }) => {
    const provider = pick(name, op);
    return provider === null ? [] : [{ name, op, provider }];
  });
}

const gradient = gradientGraph(MICRO, { batch: 4, storedSize: 9, crop: true }).model;

Deno.test("PlacementWatch counts the nodes of a gradient graph on the CPU, all of them", () => {
  const watch = new PlacementWatch({ strict: true });
  using environment = Environment.open();
  using session = environment.session(gradient, watch.options);
  const count = decode("Model", gradient).graph!.node!.length;
  assert.ok(count > 300, `${count} nodes`);
  assert.deepEqual(watch.counts, { [CPU]: count });
  using _again = environment.session(gradient, watch.options);
  assert.deepEqual(watch.counts, { [CPU]: 2 * count });
  // Names are what ties a placement to the graph's sizes
  assert.deepEqual(
    session.placement.map(({ name, op }) => `${name} ${op}`).sort(),
    placed(gradient, () => CPU).map(({ name, op }) => `${name} ${op}`).sort(),
  );
});

Deno.test("largeHostNodes() finds nothing where all but scalars and shapes are on the device", () => {
  assert.deepEqual(largeHostNodes(gradient, placed(gradient, () => CUDA)), []);
  const n = HOST_ELEMENTS;
  const small = input("small", "float32", [n]), large = input("large", "float32", [n + 1]);
  const model = emit({
    a: relu(small),
    b: relu(large),
    c: reduceSum(large, [0]),
  }, { name: "sizes" });
  assert.deepEqual(
    largeHostNodes(model, placed(model, () => CPU)).map(({ op, elements }) => [op, elements]),
    [["Relu", n + 1]],
    "what counts is what a node makes",
  );
});

Deno.test("largeHostNodes() names the largest first, and knows sizes inside the graph", () => {
  const x = input("x", "float32", [8, 32]);
  const model = emit({ y: cast(matmul(mul(x, x), add(x, 1), { transB: true }), "int64") }, {
    name: "inside",
  });
  const nodes = largeHostNodes(model, placed(model, (_, op) => op === "Add" ? CUDA : CPU));
  assert.deepEqual(nodes.map(({ op, elements }) => [op, elements]), [
    ["Mul", 256],
    ["FusedMatMul", 64],
    ["Cast", 64],
  ]);
});

Deno.test("largeHostNodes() counts a node that no provider took, and one in the middle of a formulation", () => {
  const x = input("x", "float64", [8, 32]);
  // float64 products are written as Transpose and MatMul: what Transpose makes has no declared size
  const model = emit({ y: matmul(x, x, { transB: true }) }, { name: "double" });
  const nodes = largeHostNodes(model, placed(model, (_, op) => op === "MatMul" ? CUDA : null));
  assert.deepEqual(nodes.map(({ op, elements }) => [op, elements]), [["Transpose", 256]]);
});

Deno.test("PlacementWatch refuses large nodes on the host of a GPU, and names them", () => {
  const placement = placed(gradient, (_, op) => op === "Softmax" || op === "TopK" ? CPU : CUDA);
  const session = { placement, device: GPU };
  const host = largeHostNodes(gradient, placement);
  assert.ok(host.length > 3 && host.every(({ op }) => op === "Softmax" || op === "TopK"));

  const strict = new PlacementWatch({ strict: true });
  assert.throws(() => strict.add(session, gradient), {
    name: "EnvironmentError",
    message: "Cannot train on cuda:0 alone: its provider has no kernel for " +
      host.slice(0, 3).map(({ name, elements }) => `${name} (${elements} elements)`).join(", ") +
      ` and ${host.length - 3} more, so the host would compute and copy them at every step; ` +
      "--no-strict-device lets it",
  });

  const lenient = new PlacementWatch({ strict: false });
  lenient.add(session, gradient);
  const onHost = placement.filter(({ provider }) => provider === CPU).length;
  assert.deepEqual(lenient.counts, { [CPU]: onHost, [CUDA]: placement.length - onHost });

  new PlacementWatch({ strict: true }).add({ ...session, device: { kind: "cpu" } }, gradient);
});
