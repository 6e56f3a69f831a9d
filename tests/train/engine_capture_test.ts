/** Gradient graphs that a device captures. */
import assert from "node:assert/strict";
import {
  type DeviceContext,
  type Environment,
  openFakeContext,
  OrtError,
} from "../../lib/runtime/mod.ts";
import { openRig } from "./_micro.ts";
import { train } from "./_trained.ts";

Deno.test("Engine runs a gradient graph that cannot be captured as it is, and says so", () => {
  const open = (environment: Environment): DeviceContext => {
    const context = openFakeContext(environment, { captures: true });
    const create = context.session.bind(context);
    context.session = (model, options = {}) => {
      if (options.capture) throw new OrtError(1, "a node is on the host");
      return create(model, options);
    };
    return context;
  };
  const warnings: string[] = [];
  using rig = openRig({ open, warning: (text) => void warnings.push(text) });
  assert.deepEqual(warnings, [
    "The gradient graph is not captured, so the host launches its kernels: a node is on the host",
  ]);
  const ends = train(rig, [1, 2]); // from other tensors each
  assert.ok(ends.every(({ finite }) => finite));
});

Deno.test("Engine captures the gradient graph alone, as one CUDA graph for each place", () => {
  const sessions: boolean[] = [];
  const graphs: (number | undefined)[] = [];
  const open = (environment: Environment): DeviceContext => {
    const context = openFakeContext(environment, { captures: true });
    const create = context.session.bind(context);
    context.session = (model, options = {}) => {
      const session = create(model, options);
      sessions.push(options.capture ?? false);
      const bind = session.bind.bind(session);
      session.bind = (tensors) => {
        if (options.capture) graphs.push(tensors.graph);
        else assert.equal(tensors.graph, undefined);
        return bind(tensors);
      };
      return session;
    };
    return context;
  };
  using rig = openRig({ open });
  const [a, b] = [rig.drawn(1), rig.drawn(2)];
  for (const [batch, place] of [[a, 0], [b, 1], [a, 0], [b, 1]] as const) {
    rig.engine.microBatch(batch, place);
    rig.engine.step(1e-2);
  }
  assert.deepEqual([sessions.filter(Boolean).length, sessions[0]], [1, true]);
  assert.deepEqual(graphs, [1, 2], "bound once a place");
  assert.throws(
    () => rig.engine.microBatch(b, 0),
    new TypeError("Cannot run on other tensors at place 0: its run was captured"),
  );
  sessions.length = 0;
  using _free = openRig({ open, capture: false });
  assert.ok(sessions.length > 0 && !sessions.includes(true));
});
