import assert from "node:assert/strict";
import { Background } from "../../lib/data/background.ts";

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("Background goes on beside its owner, with one piece of work at a time", async () => {
  const background = new Background();
  const works = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const said: string[] = [];
  const begun = works.map(({ promise }, i) =>
    background.begin(() => {
      said.push(`${i} begins`);
      return promise;
    }).then(() => said.push(`${i} has begun`))
  );
  await turn();
  assert.deepEqual(said, ["0 begins", "0 has begun"]);
  works[0]!.resolve();
  await Promise.all(begun);
  assert.deepEqual(said, ["0 begins", "0 has begun", "1 begins", "1 has begun"]);
  const ended = background.end().then(() => said.push("end"));
  await turn();
  assert.equal(said.at(-1), "1 has begun");
  works[1]!.resolve();
  await ended;
});

Deno.test("Background tells what failed when the next work is to begin, and at the end", async () => {
  const fail = () => Promise.reject(new Error("no space left"));
  const never = () => Promise.resolve(assert.fail("it begins after a failure"));
  for (const wait of ["begin", "end"] as const) {
    const background = new Background();
    await background.begin(fail);
    await turn(); // nobody waits: that alone is no unhandled failure
    await assert.rejects(wait === "end" ? background.end() : background.begin(never), {
      message: "no space left",
    });
  }
});
