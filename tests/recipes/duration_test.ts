import assert from "node:assert/strict";
import { durationSteps, parseDuration, showDuration } from "../../lib/recipes/mod.ts";

Deno.test("parseDuration() reads numbers with and without a unit", () => {
  assert.deepEqual(parseDuration("40"), { count: 40 });
  assert.deepEqual(parseDuration("1epoch"), { count: 1, unit: "epochs" });
  assert.deepEqual(parseDuration(" 2.5 epochs "), { count: 2.5, unit: "epochs" });
  assert.deepEqual(parseDuration("500steps"), { count: 500, unit: "steps" });
});

Deno.test("parseDuration() refuses anything else", () => {
  for (const text of ["", "epochs", "-1", "4h", "1e3", "5 step s"]) {
    assert.throws(() => parseDuration(text), {
      name: "ConfigError",
      message:
        `Cannot read "${text}" as a duration: write a number alone, or as in 40epochs and 500steps`,
    });
  }
});

Deno.test("showDuration() is read back by parseDuration()", () => {
  for (const text of ["40", "2.5epochs", "500steps"]) {
    assert.equal(showDuration(parseDuration(text)), text);
  }
});

Deno.test("durationSteps() counts whole steps", () => {
  const run = { unit: "epochs", stepsPerEpoch: 390 } as const;
  assert.equal(durationSteps({ count: 2 }, run), 780);
  assert.equal(durationSteps({ count: 2 }, { ...run, unit: "steps" }), 2);
  assert.equal(durationSteps({ count: 0.001, unit: "epochs" }, run), 0);
  assert.equal(durationSteps({ count: 3, unit: "steps" }, run), 3);
});
