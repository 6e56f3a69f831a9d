/** Steps whose loss or gradient is not finite. */
import assert from "node:assert/strict";
import type { TensorMap } from "../../lib/train/state.ts";
import { MICRO_MAE } from "../_models.ts";
import { differing, floats, openRig, type Rig } from "./_micro.ts";
import { saved, train, trained } from "./_trained.ts";

/** The model's tensors with one element of one of them replaced. */
function spoiled({ engine: { state } }: Rig, name: string, value: number): TensorMap {
  const tensors = new Map(state.model());
  const tensor = tensors.get(name)!;
  const array = floats(tensors).get(name)!;
  array[1] = value;
  return tensors.set(name, { ...tensor, data: new Uint8Array(array.buffer) });
}

Deno.test("Engine leaves no trace of a step that is not finite", () => {
  for (const [name, value] of [["decoder_pred.bias", Infinity], ["norm.weight", NaN]] as const) {
    using rig = openRig({ clipGrad: 1 });
    train(rig, [1, 2]);
    const good = rig.engine.state.model();
    rig.engine.state.loadModel(spoiled(rig, name, value));
    const before = saved(rig);
    const losses = rig.engine.microBatch(rig.drawn(3)).read();
    assert.ok(!Number.isFinite(losses.loss));
    assert.equal(rig.engine.step(1e-2).read().finite, false);
    assert.deepEqual(differing(saved(rig), before), [], name);
    rig.engine.state.loadModel(good);
    assert.equal(train(rig, [3])[0]!.finite, true);
    assert.deepEqual(differing(saved(rig), trained({ clipGrad: 1 }, [1, 2, 3])), [], name);
  }
});

Deno.test("Engine drops a whole step for one micro-batch that is not finite", () => {
  for (const bad of [0, 1]) {
    using rig = openRig({ accumulate: 2 });
    const good = rig.engine.state.model();
    const worse = spoiled(rig, "decoder_pred.bias", Infinity);
    const before = saved(rig);
    for (const i of [0, 1]) {
      rig.engine.state.loadModel(i === bad ? worse : good);
      rig.engine.microBatch(rig.drawn(i));
    }
    rig.engine.state.loadModel(good);
    assert.equal(rig.engine.step(1e-2).read().finite, false);
    assert.deepEqual(differing(saved(rig), before), [], `micro-batch ${bad}`);
    // The first good step after it is a first step, with a first step's bias correction
    assert.equal(train(rig, [1, 2], { accumulate: 2 })[0]!.finite, true);
    assert.deepEqual(differing(saved(rig), trained({ accumulate: 2 }, [1, 2])), []);
  }
});

Deno.test("Engine drops a step for an infinite loss whose gradient is finite", () => {
  for (const bad of [0, 1]) {
    using rig = openRig({ config: MICRO_MAE, accumulate: 2 });
    const good = rig.engine.state.model();
    const worse = spoiled(rig, "decoder_pred.bias", 1e19); // squared it overflows
    const losses = [0, 1].map((i) => {
      rig.engine.state.loadModel(i === bad ? worse : good);
      return rig.engine.microBatch(rig.drawn(i)).read().loss;
    });
    assert.deepEqual(losses.map(Number.isFinite), [bad !== 0, bad !== 1]);
    const { finite, norm } = rig.engine.step(1e-2).read();
    assert.ok(Number.isFinite(norm));
    assert.equal(finite, false, `micro-batch ${bad}`);
  }
});
