import assert from "node:assert/strict";
import { countByProvider, Environment, type Session } from "../../lib/runtime/mod.ts";
import { addModel, chainModel } from "./_model.ts";

Deno.test("Session.placement tells every node, its operator and its provider", () => {
  using environment = Environment.open();
  using session = environment.session(chainModel(4, 3), { recordPlacement: true });
  const provider = "CPUExecutionProvider";
  const { placement } = session;
  assert.deepEqual([...placement].sort((a, b) => a.name.localeCompare(b.name)), [
    { name: "matmul_0", op: "MatMul", provider },
    { name: "matmul_1", op: "MatMul", provider },
    { name: "matmul_2", op: "MatMul", provider },
  ]);
  assert.deepEqual(countByProvider(placement), { CPUExecutionProvider: 3 });
});

Deno.test("Session.placement refuses where it was not recorded", () => {
  using environment = Environment.open();
  using session = environment.session(addModel());
  assert.throws(() => session.placement, {
    name: "TypeError",
    message:
      "Cannot tell the placement: the session did not record it; give the recordPlacement option",
  });
});

Deno.test("Environment.session() shows a new session to who asked, and ends it if that throws", () => {
  using environment = Environment.open();
  const model = addModel();
  const seen: [Session, Uint8Array][] = [];
  using session = environment.session(model, { created: (...args) => void seen.push(args) });
  assert.deepEqual(seen, [[session, model]]);

  let refused: Session | undefined;
  const created = (session: Session) => {
    refused = session;
    throw new RangeError("not this one");
  };
  assert.throws(() => environment.session(model, { created }), { message: "not this one" });
  assert.throws(() => refused!.pointer, { message: "Cannot use this session: it was disposed" });
});
