import assert from "node:assert/strict";
import { DataError } from "../../lib/data/mod.ts";
import { type Parameter, Parameters } from "../../lib/nn/mod.ts";
import { Environment, openFakeContext, openHostContext } from "../../lib/runtime/mod.ts";
import { groupByDecay } from "../../lib/train/layout.ts";
import { type StateOptions, type TensorMap, TrainingState } from "../../lib/train/state.ts";
import { sizeOf } from "../../lib/tensor/mod.ts";
import { differing, floats } from "./_micro.ts";

const PARAMETERS: readonly Parameter[] = [
  { name: "qkv.weight", shape: [6, 2], init: "xavier" },
  { name: "qkv.bias", shape: [6], init: "zeros" },
  { name: "norm.weight", shape: [70], init: "ones" },
  { name: "cls_token", shape: [1, 1, 2], init: { normal: 0.02 } },
];
const BUFFERS: readonly Parameter[] = [
  { name: "running_mean", shape: [3], init: "zeros" },
  { name: "running_var", shape: [3], init: "ones" },
];
const OPTIONS: StateOptions = {
  parameters: PARAMETERS,
  buffers: BUFFERS,
  optimiser: "adamw",
  groupOf: groupByDecay(0.05),
  scalars: ["loss"],
  chunk: 128,
  accumulates: false,
};

/** Runs `body` on a state, on the host and on a device, with and without accumulation. */
function withStates(body: (state: TrainingState) => void): void {
  for (const open of [openHostContext, openFakeContext]) {
    for (const accumulates of [false, true]) {
      using environment = Environment.open();
      using context = open(environment);
      using state = new TrainingState(context, { ...OPTIONS, accumulates });
      body(state);
    }
  }
}

/** Tensors of the given parameters, every element another number. */
function numbered(parameters: readonly Parameter[], prefix = ""): TensorMap {
  let next = 1;
  return new Map(parameters.map(({ name, shape }) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, () => next++ / 8);
    const data = new Uint8Array(values.buffer);
    return [prefix + name, { dtype: "float32", shape, data }] as const;
  }));
}

const MODEL = numbered([...PARAMETERS, ...BUFFERS]);
const OPTIMISER: TensorMap = new Map([
  ...numbered(PARAMETERS, "first."),
  ...numbered(PARAMETERS.toReversed(), "second."),
  ["steps", { dtype: "float32", shape: [1], data: new Uint8Array(Float32Array.of(12).buffer) }],
]);

Deno.test("TrainingState.initialise() fills by each parameter's rule and zeroes the rest", () => {
  withStates((state) => {
    state.initialise(3);
    const model = floats(state.model());
    assert.deepEqual(model.get("norm.weight"), new Float32Array(70).fill(1));
    assert.deepEqual(model.get("qkv.bias"), new Float32Array(6));
    assert.deepEqual(model.get("running_var"), new Float32Array(3).fill(1));
    const bound = Math.sqrt(6 / 8);
    assert.ok(model.get("qkv.weight")!.every((x) => x !== 0 && Math.abs(x) <= bound));
    for (const [name, values] of floats(state.optimiser())) {
      assert.ok(values.every((x) => x === 0), name);
    }
    const first = state.model();
    state.initialise(3);
    assert.deepEqual(differing(state.model(), first), []);
    state.initialise(4);
    assert.deepEqual(differing(state.model(), first).sort(), ["cls_token", "qkv.weight"]);
  });
});

Deno.test("TrainingState gives back by name what it was given", () => {
  withStates((state) => {
    state.loadModel(MODEL);
    state.loadOptimiser(OPTIMISER);
    const [model, optimiser] = [state.model(), state.optimiser()];
    assert.deepEqual(differing(model, MODEL), []);
    assert.deepEqual(differing(optimiser, OPTIMISER), []);
    for (const { name, shape } of [...PARAMETERS, ...BUFFERS]) {
      assert.deepEqual(model.get(name)!.shape, shape);
      assert.equal(model.get(name)!.dtype, "float32");
    }
    assert.equal(state.cells.get("steps"), 12);
    // Copies: what is written later does not change them
    state.initialise(1);
    assert.deepEqual(differing(model, MODEL), []);
  });
});

Deno.test("TrainingState.loadModel() leaves alone what the file holds beyond the model", () => {
  withStates((state) => {
    state.loadModel(new Map([...MODEL, ...numbered([{ ...PARAMETERS[0]!, name: "pos_embed" }])]));
    assert.deepEqual(differing(state.model(), MODEL), []);
  });
});

Deno.test("TrainingState refuses a tensor that is missing or does not fit", () => {
  const changed = (tensors: TensorMap, name: string, change: object | null): TensorMap => {
    const copy = new Map(tensors);
    if (change === null) copy.delete(name);
    else copy.set(name, { ...copy.get(name)!, ...change });
    return copy;
  };
  withStates((state) => {
    const cases = [
      ["qkv.weight", null, `Cannot load "qkv.weight": the file has no such tensor`],
      ["running_var", null, `Cannot load "running_var": the file has no such tensor`],
      [
        "qkv.weight",
        { shape: [2, 6] },
        `Cannot load "qkv.weight": it is float32[2, 6], and the model wants float32[6, 2]`,
      ],
      [
        "qkv.bias",
        { dtype: "float16" },
        `Cannot load "qkv.bias": it is float16[6], and the model wants float32[6]`,
      ],
    ] as const;
    for (const [name, change, message] of cases) {
      assert.throws(() => state.loadModel(changed(MODEL, name, change)), new DataError(message));
    }
    for (
      const [name, change, message] of [
        ["first.cls_token", null, `Cannot load "first.cls_token": the file has no such tensor`],
        ["steps", null, `Cannot load "steps": the file has no such tensor`],
        [
          "second.qkv.bias",
          { shape: [5] },
          `Cannot load "second.qkv.bias": it is float32[5], and the model wants float32[6]`,
        ],
      ] as const
    ) {
      const tensors = changed(OPTIMISER, name, change);
      assert.throws(() => state.loadOptimiser(tensors), new DataError(message));
    }
  });
});

Deno.test("TrainingState.view() is a parameter's rows within the slab", () => {
  withStates((state) => {
    state.loadModel(MODEL);
    const p = new Parameters(PARAMETERS);
    p.rows("qkv.weight", 2, 4);
    p.rows("qkv.bias", 4, 6);
    p.get("norm.weight");
    const weight = floats(MODEL).get("qkv.weight")!;
    const [rows, bias, whole] = p.views.map((view) => state.view(state.parameters, view));
    const elementsOf = (tensor: typeof rows) =>
      state.parameters.read(tensor!.byteOffset / 4, tensor!.shape);
    assert.deepEqual(rows!.shape, [2, 2]);
    assert.deepEqual(elementsOf(rows), weight.subarray(4, 8));
    assert.deepEqual(elementsOf(bias), floats(MODEL).get("qkv.bias")!.subarray(4));
    assert.deepEqual(elementsOf(whole), floats(MODEL).get("norm.weight"));
    assert.equal(whole!.byteOffset % 256, 0);
    const stranger = new Parameters([{ name: "head", shape: [1], init: "zeros" }]);
    stranger.get("head");
    assert.throws(
      () => state.view(state.parameters, stranger.views[0]!),
      new RangeError(`Cannot find "head" in the training state`),
    );
  });
});

Deno.test("TrainingState.gradientsByName() reads the gradient of each parameter", () => {
  withStates((state) => {
    const p = new Parameters(PARAMETERS);
    p.get("qkv.bias");
    const { byteOffset } = state.view(state.gradients, p.views[0]!);
    state.gradients.write(byteOffset / 4, Float32Array.of(1, 2, 3, 4, 5, 6));
    const gradients = floats(state.gradientsByName());
    assert.deepEqual([...gradients.keys()].sort(), PARAMETERS.map(({ name }) => name).sort());
    assert.deepEqual(gradients.get("qkv.bias"), Float32Array.of(1, 2, 3, 4, 5, 6));
    assert.deepEqual(gradients.get("cls_token"), new Float32Array(2));
  });
});
