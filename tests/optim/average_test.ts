import assert from "node:assert/strict";
import { input } from "../../lib/graph/mod.ts";
import { average } from "../../lib/optim/mod.ts";
import { assertClose } from "../_assert.ts";
import { open } from "../_run.ts";

Deno.test("average() is the literal moving average, and stays where a step does not count", () => {
  const vector = (name: string) => input(name, "float64", [3]);
  const after = average(
    vector("average"),
    vector("parameter"),
    0.9,
    input("finite", "float64", [1]),
  );
  using runner = open({ after });
  let found = [1, -1, 0];
  let literal = [...found];
  for (let t = 0; t < 5; t++) {
    const parameter = [t, Math.cos(t), -t];
    literal = literal.map((a, i) => 0.9 * a + 0.1 * parameter[i]!);
    found = runner.run({ average: found, parameter, finite: [1] }).after;
    assertClose(found, literal, 1e-14, `step ${t}`);
  }
  assert.deepEqual(runner.run({ average: found, parameter: [9, 9, 9], finite: [0] }).after, found);
});
