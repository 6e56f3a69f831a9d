import assert from "node:assert/strict";
import { RunWriter } from "../../lib/data/run_writer.ts";
import { inFolder } from "../_folder.ts";
import { noise } from "./_sources.ts";

/** Writes pieces `[from, to, at]` of some bytes; says what is in the file then, and how often it was written. */
async function written(
  bytes: Uint8Array,
  pieces: readonly (readonly [number, number, number])[],
): Promise<{ readonly content: Uint8Array; readonly calls: number }> {
  let [content, calls] = [new Uint8Array(), 0];
  await inFolder((folder) => {
    using file = Deno.openSync(`${folder}/f`, { create: true, write: true });
    const write = file.writeSync.bind(file);
    file.writeSync = (piece) => (calls++, write(piece));
    const runs = new RunWriter();
    for (const [from, to, at] of pieces) runs.write(file, at, bytes.subarray(from, to));
    runs.end();
    runs.end();
    content = Deno.readFileSync(`${folder}/f`);
    return Promise.resolve();
  });
  return { content, calls };
}

Deno.test("RunWriter writes at once what follows in memory and in the file, and nothing else", async () => {
  const bytes = noise(1, 30);
  const [a, b, c] = [bytes.slice(0, 10), bytes.slice(10, 20), bytes.slice(20)];
  const cases = [
    { pieces: [[0, 10, 0], [10, 20, 10], [20, 30, 20]], parts: [a, b, c], calls: 1 },
    { pieces: [[0, 10, 0], [10, 20, 20], [20, 30, 10]], parts: [a, c, b], calls: 3 },
    { pieces: [[20, 30, 20], [0, 10, 0], [10, 20, 10]], parts: [a, b, c], calls: 2 },
    { pieces: [[20, 30, 0], [0, 10, 10], [10, 20, 20]], parts: [c, a, b], calls: 2 },
  ] as const;
  for (const { pieces, parts, calls } of cases) {
    const found = await written(bytes, pieces);
    assert.deepEqual([...found.content], parts.flatMap((part) => [...part]), String(pieces));
    assert.equal(found.calls, calls, String(pieces));
  }
});

Deno.test("RunWriter tells the memory of one array from that of another, and one file from another", async () => {
  await inFolder((folder) => {
    const open = (name: string) =>
      Deno.openSync(`${folder}/${name}`, { create: true, write: true });
    using one = open("1");
    using two = open("2");
    const bytes = noise(1, 20);
    const runs = new RunWriter();
    runs.write(one, 0, bytes.subarray(0, 10));
    runs.write(two, 10, bytes.subarray(10));
    runs.write(one, 10, bytes.slice(0, 10));
    runs.end();
    assert.deepEqual(
      Deno.readFileSync(`${folder}/1`),
      new Uint8Array([...bytes.slice(0, 10), ...bytes.slice(0, 10)]),
    );
    assert.deepEqual(Deno.readFileSync(`${folder}/2`).slice(10), bytes.slice(10));
    return Promise.resolve();
  });
});
