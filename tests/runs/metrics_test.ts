import assert from "node:assert/strict";
import { DataError } from "../../lib/data/mod.ts";
import { readLastMetrics, readMetrics } from "../../lib/runs/mod.ts";

function inRun(text: string, body: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/metrics.jsonl`, text);
    body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("readMetrics() gives all whole lines, and none without a file", () => {
  inRun('{"step":1,"rec":2}\n{"step":2,"rec":1}\n{"st', (folder) => {
    assert.deepEqual(readMetrics(folder), [{ step: 1, rec: 2 }, { step: 2, rec: 1 }]);
    assert.deepEqual(readMetrics(`${folder}/none`), []);
  });
});

Deno.test("readMetrics() names a damaged line", () => {
  inRun('{"step":1}\n{"step"\n', (folder) => {
    assert.throws(() => readMetrics(folder), new RegExp("metrics.jsonl: line 2 is damaged"));
  });
  inRun("{}\n", (folder) => {
    assert.throws(() => readMetrics(folder), (error) => {
      return error instanceof DataError && /line 1 names no step/.test(error.message);
    });
  });
});

Deno.test("readLastMetrics() reads the end of a long file", () => {
  const lines = Array.from({ length: 5000 }, (_, i) => JSON.stringify({ step: i, rec: 1 / 3 }));
  inRun(lines.join("\n") + "\n", (folder) => {
    const last = readLastMetrics(folder);
    assert.ok(last.length > 100 && last.length < 5000, `${last.length} lines`);
    assert.equal(last.at(-1)?.step, 4999);
  });
});
