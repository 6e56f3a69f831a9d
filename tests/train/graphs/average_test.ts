import assert from "node:assert/strict";
import { Environment, openFakeContext, openHostContext } from "../../../lib/runtime/mod.ts";
import { bindAverage } from "../../../lib/train/graphs/average.ts";
import { Binder } from "../../../lib/train/graphs/binder.ts";
import { groupByDecay } from "../../../lib/train/layout.ts";
import { Slab } from "../../../lib/train/slab.ts";
import { TrainingState } from "../../../lib/train/state.ts";
import { assertClose } from "../../_assert.ts";

for (const [device, open] of [["cpu", openHostContext], ["fake", openFakeContext]] as const) {
  Deno.test(`bindAverage() averages all chunks, on ${device}`, () => {
    using environment = Environment.open();
    using context = open(environment);
    using state = new TrainingState(context, {
      parameters: [{ name: "w", shape: [10, 30], init: "xavier" }, {
        name: "b",
        shape: [70],
        init: "ones",
      }],
      buffers: [],
      optimiser: "adamw",
      groupOf: groupByDecay(0),
      scalars: ["loss"],
      chunk: 64,
      accumulates: false,
    });
    using averages = new Slab(context, state.layout.elements);
    using binder = new Binder(context, state, { threads: 1 });
    const run = bindAverage(binder, averages, 0.75);
    const all = [state.layout.elements];
    const elements = () => averages.read(0, all);

    const start = Float32Array.from({ length: all[0]! }, (_, i) => i % 17);
    averages.write(0, start);
    state.initialise(1);
    const parameters = state.parameters.read(0, all);
    const once = start.map((a, i) => 0.75 * a + 0.25 * parameters[i]!);
    state.cells.set("finite", 1);
    run();
    assertClose(elements(), once, 1e-7);
    const before = elements();
    state.cells.set("finite", 0);
    run();
    assert.deepEqual(elements(), before, "a step that does not count leaves it");
  });
}
