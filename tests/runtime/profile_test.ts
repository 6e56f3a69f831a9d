import assert from "node:assert/strict";
import { parseProfile } from "../../lib/runtime/mod.ts";

const node = (name: string, op: string, dur: number) => ({
  cat: "Node",
  name,
  dur,
  args: { op_name: op, provider: "CPUExecutionProvider" },
});

Deno.test("parseProfile() adds up nodes and operator types", () => {
  const events = [
    { cat: "Session", name: "session_initialization", dur: 500, args: {} },
    node("a_kernel_time", "Add", 3),
    node("b_kernel_time", "MatMul", 10),
    node("c_kernel_time", "Add", 4),
    { cat: "Session", name: "model_run", dur: 20, args: {} },
    node("a_kernel_time", "Add", 5),
    node("a_fence_before", "Add", 100),
    { cat: "Session", name: "model_run", dur: 8, args: {} },
  ];
  const provider = "CPUExecutionProvider";
  assert.deepEqual(parseProfile(JSON.stringify(events)), {
    runs: 2,
    microseconds: 28,
    ops: [
      { op: "Add", count: 3, microseconds: 12 },
      { op: "MatMul", count: 1, microseconds: 10 },
    ],
    nodes: [
      { name: "b", op: "MatMul", provider, count: 1, microseconds: 10 },
      { name: "a", op: "Add", provider, count: 2, microseconds: 8 },
      { name: "c", op: "Add", provider, count: 1, microseconds: 4 },
    ],
  });
});

Deno.test("parseProfile() rejects what is no profile", () => {
  assert.throws(() => parseProfile("{}"), {
    name: "SyntaxError",
    message: "Cannot read the profile: it is not a list of events",
  });
});
