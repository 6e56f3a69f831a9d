import assert from "node:assert/strict";
import { type Case, casesOf, type Figures } from "../../../tasks/bench/cases.ts";
import { linesOf, takeTurns } from "../../../tasks/bench/turns.ts";

const FIGURES = [
  { row: "train", key: "img_s", label: "rate", unit: "images/s" },
  { row: "session", key: "create_s", label: "opening", unit: "s" },
] as const;

/** A case that counts its turns and writes them down. */
function counting(log: string[]): Case {
  let [ours, theirs] = [0, 0];
  const measure = (): Promise<Figures> => {
    log.push("A");
    return Promise.resolve({ img_s: 10 * ++ours, create_s: 1 });
  };
  const peer = () => {
    log.push("B");
    return Promise.resolve({ img_s: ++theirs });
  };
  return { name: "model", figures: FIGURES, measure, peer: { name: "Other", measure: peer } };
}

Deno.test("takeTurns() goes by turns and leaves the warm-up out", async () => {
  const log: string[] = [];
  const told: number[] = [];
  const options = { pairs: 2, warmUp: true, told: (turn: number) => void told.push(turn) };
  const turns = await takeTurns(counting(log), options);
  assert.equal(log.join(""), "ABABAB");
  assert.deepEqual(told, [0, 1, 2]);
  assert.deepEqual(turns.ours.map(({ img_s }) => img_s), [20, 30]);
  assert.deepEqual(turns.peer, [{ img_s: 2 }, { img_s: 3 }]);
  const cold = await takeTurns(counting([]), { ...options, warmUp: false });
  assert.deepEqual(cold.peer, [{ img_s: 1 }, { img_s: 2 }]);
});

Deno.test("linesOf() has a ratio where both have the figure", () => {
  const turns = {
    ours: [{ img_s: 20, create_s: 1 }, { img_s: 30, create_s: 3 }],
    peer: [{ img_s: 10 }, { img_s: 10 }],
  };
  const [rate, opening] = linesOf(counting([]), turns);
  assert.deepEqual(rate!.ratio, { median: 2.5, least: 2, greatest: 3 });
  assert.deepEqual(rate!.peer, { name: "Other", median: 10, least: 10, greatest: 10 });
  assert.deepEqual(opening!.ours, { median: 2, least: 1, greatest: 3 });
  assert.deepEqual([opening!.peer, opening!.ratio], [null, null]);
});

Deno.test("linesOf() has no peer where there is none", () => {
  const { peer: _peer, ...alone } = counting([]);
  const [rate] = linesOf(alone, { ours: [{ img_s: 20, create_s: 1 }], peer: [] });
  assert.deepEqual([rate!.peer, rate!.ratio], [null, null]);
});

Deno.test("casesOf() keeps the figures of the rows, and no case without one", () => {
  const one = counting([]);
  assert.deepEqual(casesOf([one], ["session"]).map(({ figures }) => figures), [[FIGURES[1]]]);
  assert.deepEqual(casesOf([one], ["loader"]), []);
});
