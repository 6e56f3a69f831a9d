import assert from "node:assert/strict";
import { bytesThatDiffer } from "../../../tasks/soak/compare.ts";
import { type FaultName, FAULTS, suffer } from "../../../tasks/soak/faults.ts";
import { memoryOf } from "../../../tasks/soak/memory.ts";
import { ended, smallDataset, start } from "../../../tasks/soak/pretraining.ts";

const STEPS = 60;

/** Faults of each kind; `deno task soak` lets ten times as many happen. */
const TIMES: Readonly<Record<FaultName, number>> = {
  "SIGKILL": 3,
  "SIGTERM": 1,
  "SIGTERM twice": 1,
  "write error": 2,
};

Deno.test({
  name: "a pretraining that is killed, stopped or cannot write comes to the same bytes in the end",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const folder = Deno.makeTempDirSync();
    try {
      const dataset = await smallDataset(folder);
      const reference = `${folder}/reference`;
      const { code, said } = await ended(start({ dataset, out: reference, steps: STEPS }));
      assert.equal(code, 0, said);
      const kinds = Object.keys(FAULTS) as FaultName[];
      await Promise.all(kinds.map(async (kind, i) => {
        const run = { dataset, out: `${folder}/${i}`, steps: STEPS };
        const times = TIMES[kind];
        const { slowest: _, ...tally } = await suffer(kind, run, { times, seed: 3, reference });
        const expected = { kind, faults: times, survived: times, differing: 0, complaints: [] };
        assert.deepEqual(tally, expected);
      }));
      // The comparison can tell
      const path = `${folder}/0/metrics.jsonl`;
      Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace('"step":9,', '"step":8,'));
      assert.equal(bytesThatDiffer(`${folder}/0`, reference), 1);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test("memoryOf() compares what is held after the warm-up with the end", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const lines = Array.from(
      { length: 1000 },
      (_, i) => ({ step: i, memory: i < 700 ? 100 : 110 }),
    );
    const text = [...lines.map((line) => JSON.stringify(line)), '{"step": 1000, "val_rec": 1}'];
    Deno.writeTextFileSync(`${folder}/metrics.jsonl`, text.join("\n") + "\n");
    const { early, late, growth } = memoryOf(folder);
    assert.ok(Math.abs(early - 102) < 1e-9 && late === 110, `${early} ${late}`);
    assert.ok(Math.abs(growth - (110 / 102 - 1)) < 1e-12);
    Deno.writeTextFileSync(`${folder}/metrics.jsonl`, text.slice(0, 900).join("\n") + "\n");
    assert.throws(() => memoryOf(folder), /Cannot tell growth from 900 steps/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
