import assert from "node:assert/strict";
import { wilsonInterval } from "../../../lib/classify/mod.ts";
import { margin, type Row, type Score, showTable } from "../../../tasks/demo/table.ts";

function score(hits: number, protocol = "one way", images = 1200): Score {
  return { top1: hits / images, top1Interval: wilsonInterval(hits, images), images, protocol };
}

const row = (name: string, hits: readonly [number, number, number], tuned = "trained"): Row => ({
  name,
  scores: { knn: score(hits[0], "near"), linear: score(hits[1]), tuned: score(hits[2], tuned) },
});

Deno.test("showTable() shows accuracies with chance and intervals, margins over the first, protocols", () => {
  assert.deepEqual(
    showTable([row("random", [120, 240, 600], "from scratch"), row("MAE", [240, 180, 1200])], 12),
    [
      "Accuracy in % on 1,200 test pictures of 12 classes (chance 8.3), with 95% intervals",
      "",
      "start   kNN                  linear probe         fine-tuned",
      "random  10.0 (8.4 to 11.8)   20.0 (17.8 to 22.4)  50.0 (47.2 to 52.8)",
      "MAE     20.0 (17.8 to 22.4)  15.0 (13.1 to 17.1)  100.0 (99.7 to 100.0)",
      "",
      "By how many points it beats random, with 95% intervals",
      "",
      "start  kNN                    linear probe         fine-tuned",
      "MAE    +10.0 (+7.2 to +12.8)  -5.0 (-8.0 to -2.0)  +50.0 (+47.2 to +52.8)",
      "",
      "kNN           near",
      "linear probe  one way",
      "fine-tuned    from scratch; trained",
    ],
  );
});

Deno.test("margin() is Newcombe's interval", () => {
  // Newcombe 1998, table II, example (a), method 10: 56/70 - 48/80
  const { points, interval } = margin(score(56, "", 70), score(48, "", 80));
  assert.ok(Math.abs(points - 0.2) < 1e-12);
  assert.deepEqual(interval.map((bound) => bound.toFixed(4)), ["0.0524", "0.3339"]);
});
