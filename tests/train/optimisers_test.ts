import assert from "node:assert/strict";
import { add, input, matmul, mul, reduceMean, sub } from "../../lib/graph/mod.ts";
import { type Parameter, Parameters } from "../../lib/nn/mod.ts";
import {
  type DeviceContext,
  Environment,
  openFakeContext,
  openHostContext,
  type Tensors,
} from "../../lib/runtime/mod.ts";
import { random } from "../../lib/tensor/mod.ts";
import { emitGradient, Engine, type EngineOptions } from "../../lib/train/mod.ts";
import { assertClose } from "../_assert.ts";
import { literalAdamW, literalLars } from "../optim/_literal.ts";
import { differing, floats } from "./_micro.ts";

/** A linear layer on what a frozen one makes of the input: `|| (x F^T) W^T + b - t ||^2`. */
const FROZEN: Parameter = { name: "frozen", shape: [6, 4], init: "xavier" };
const WEIGHT: Parameter = { name: "weight", shape: [3, 6], init: "xavier" };
const BIAS: Parameter = { name: "bias", shape: [3], init: "ones" };
const ROWS = 5;

const ADAMW = { kind: "adamw", betas: [0.9, 0.999], eps: 1e-8 } as const;
const LARS = { kind: "lars", momentum: 0.9, trust: 0.01 } as const;

interface Rig extends Disposable {
  readonly engine: Engine;
  /** A step on what a seed draws. */
  step(seed: number, lr: number, options?: { readonly spoilt?: boolean }): void;
}

function openRig(
  options: Pick<EngineOptions, "optimiser"> & Partial<EngineOptions>,
  open: (environment: Environment) => DeviceContext = openHostContext,
): Rig {
  const parameters = new Parameters([WEIGHT, BIAS, FROZEN]);
  const x = input("x", "float32", [ROWS, 4]);
  const hidden = matmul(x, parameters.get("frozen"), { transB: true });
  const y = add(matmul(hidden, parameters.get("weight"), { transB: true }), parameters.get("bias"));
  const off = sub(y, input("t", "float32", [ROWS, 3]));
  const loss = reduceMean(mul(off, off), [0, 1]);
  const gradient = emitGradient({
    scalars: { loss, first: reduceMean(y, [0, 1]) },
    parameters,
    isFrozen: ({ name }) => name === "frozen",
    buffers: new Parameters([]),
    nextBuffers: {},
    tie: x,
  });
  const stack = new DisposableStack();
  const context = stack.use(open(stack.use(Environment.open())));
  const engine = stack.use(
    new Engine(context, {
      parameters: [WEIGHT, BIAS],
      frozen: [FROZEN],
      buffers: [],
      gradient,
      accumulate: 1,
      session: { threads: 1 },
      capture: false,
      ...options,
    }),
  );
  engine.state.initialise(1);
  const upload = (shape: readonly number[], values: Float32Array) => {
    const buffer = stack.use(context.allocator.allocate(values.byteLength));
    buffer.upload(new Uint8Array(values.buffer));
    return stack.use(context.environment.tensor(buffer, { dtype: "float32", shape }));
  };
  return {
    engine,
    step(seed, lr, { spoilt = false } = {}) {
      const draw = random({ seed, purpose: "draw" });
      const drawn = (length: number) => Float32Array.from({ length }, () => draw.normal());
      const xs = drawn(ROWS * 4);
      if (spoilt) xs[3] = NaN;
      const batch: Tensors = { x: upload([ROWS, 4], xs), t: upload([ROWS, 3], drawn(ROWS * 3)) };
      engine.microBatch(batch).read();
      assert.equal(engine.step(lr).read().finite, !spoilt);
    },
    [Symbol.dispose]: () => stack.dispose(),
  };
}

/** Elements of the trained parameters and of their gradients. */
function elements({ engine: { state } }: Rig, name: string) {
  return {
    parameter: Array.from(floats(state.model()).get(name)!),
    gradient: Array.from(floats(state.gradientsByName()).get(name)!),
  };
}

const LRS = [0.1, 0.05, 0.2];

Deno.test("Engine steps each group with its own weight decay and learning rate", () => {
  const groupOf = ({ name }: Parameter) =>
    name === "weight" ? { weightDecay: 0.3, lrScale: 0.25 } : { weightDecay: 0, lrScale: 2 };
  for (const open of [openHostContext, openFakeContext]) {
    const optimiser = { ...ADAMW, weightDecay: 9, clipGrad: null };
    using rig = openRig({ optimiser, groupOf }, open);
    const literal = Object.fromEntries([WEIGHT, BIAS].map(({ name }) => {
      const { parameter } = elements(rig, name);
      return [name, {
        parameter,
        first: parameter.map(() => 0),
        second: parameter.map(() => 0),
      }];
    }));
    for (const [i, lr] of LRS.entries()) {
      rig.step(i, lr);
      for (const parameter of [WEIGHT, BIAS]) {
        const { name } = parameter;
        const { weightDecay, lrScale } = groupOf(parameter);
        const { parameter: found, gradient } = elements(rig, name);
        literalAdamW(literal[name]!, gradient, i + 1, {
          lr: lr * lrScale,
          betas: ADAMW.betas,
          epsilon: ADAMW.eps,
          weightDecay,
        });
        assertClose(found, literal[name]!.parameter, 1e-6, `${name}, step ${i}`);
      }
    }
  }
});

Deno.test("Engine steps by LARS: whole tensors adapt and decay, vectors do neither", () => {
  for (const open of [openHostContext, openFakeContext]) {
    const optimiser = { ...LARS, weightDecay: 0.1, clipGrad: null };
    using rig = openRig({ optimiser, chunk: 64 }, open);
    const literal = Object.fromEntries([WEIGHT, BIAS].map(({ name }) => {
      const { parameter } = elements(rig, name);
      return [name, { parameter, momentum: parameter.map(() => 0) }];
    }));
    for (const [i, lr] of LRS.entries()) {
      rig.step(i, lr);
      for (const { name, shape } of [WEIGHT, BIAS]) {
        const { parameter: found, gradient } = elements(rig, name);
        const adapts = shape.length > 1;
        literalLars(literal[name]!, gradient, { ...LARS, lr, weightDecay: 0.1, adapts });
        assertClose(found, literal[name]!.parameter, 1e-6, `${name}, step ${i}`);
      }
    }
    const names = [...rig.engine.state.optimiser().keys()].sort();
    assert.deepEqual(names, ["momentum.bias", "momentum.weight", "steps"]);
  }
});

Deno.test("Engine reads frozen parameters, changes none, and keeps nothing of them", () => {
  using rig = openRig({ optimiser: { ...ADAMW, weightDecay: 0.5, clipGrad: null } });
  const before = rig.engine.state.model();
  assert.deepEqual([...before.keys()].sort(), ["bias", "frozen", "weight"]);
  for (const [i, lr] of LRS.entries()) rig.step(i, lr);
  assert.deepEqual(differing(rig.engine.state.model(), before).sort(), ["bias", "weight"]);
  assert.ok(![...rig.engine.state.optimiser().keys()].some((name) => name.includes("frozen")));
  assert.ok(!rig.engine.state.gradientsByName().has("frozen"));
});

Deno.test("Engine averages the parameters after each step that counts, and goes on exactly", () => {
  const options = {
    optimiser: { ...ADAMW, weightDecay: 0.05, clipGrad: null },
    averageDecay: 0.8,
  };
  for (const open of [openHostContext, openFakeContext]) {
    using rig = openRig(options, open);
    const { state } = rig.engine;
    let wanted = elements(rig, "weight").parameter;
    const found = () => floats(state.optimiser()).get("average.weight")!;
    assert.deepEqual(Array.from(found()), wanted, "averages start as the parameters do");
    for (const [i, lr] of LRS.entries()) {
      rig.step(i, lr);
      const { parameter } = elements(rig, "weight");
      wanted = wanted.map((average, j) => 0.8 * average + 0.2 * parameter[j]!);
      assertClose(found(), wanted, 1e-6, `step ${i}`);
    }
    const before = new Map([...state.model(), ...state.optimiser()]);
    rig.step(9, 0.1, { spoilt: true });
    assert.deepEqual(differing(new Map([...state.model(), ...state.optimiser()]), before), []);

    using other = openRig(options, open);
    const checkpoint = { model: state.model(), optimiser: state.optimiser() };
    other.engine.state.loadModel(checkpoint.model);
    other.engine.state.loadOptimiser(checkpoint.optimiser);
    for (const one of [rig, other]) one.step(4, 0.1);
    const all = ({ engine: { state } }: Rig) => new Map([...state.model(), ...state.optimiser()]);
    assert.deepEqual(differing(all(other), all(rig)), []);
  }
});

Deno.test("Engine tells the scalars that its graph names", () => {
  using rig = openRig({ optimiser: { ...ADAMW, weightDecay: 0, clipGrad: null } });
  const { cells } = rig.engine.state;
  rig.step(1, 0.1);
  assert.ok(cells.get("loss") > 0 && Number.isFinite(cells.get("first")));
  assert.throws(() => cells.get("rec"), new RangeError(`Cannot find the cell "rec"`));
});
