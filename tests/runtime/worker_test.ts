import assert from "node:assert/strict";

Deno.test("the main thread ticks while a Worker runs a model", async () => {
  const worker = new Worker(new URL("_long_run.ts", import.meta.url), { type: "module" });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  try {
    const message = () =>
      new Promise<number>((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message));
      });
    await message(); // about to run
    const before = ticks;
    const milliseconds = await message();
    assert.ok(milliseconds > 100, `the run took ${milliseconds} ms, too short to tell`);
    assert.ok(ticks > before, "no tick during the run");
    assert.ok(ticks - before > milliseconds / 100, `${ticks - before} ticks`);
  } finally {
    clearInterval(timer);
    worker.terminate();
  }
});
