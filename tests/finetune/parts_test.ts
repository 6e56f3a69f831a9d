/** The parts of the classifier's training against plain loops. */
import assert from "node:assert/strict";
import { input } from "../../lib/graph/mod.ts";
import { mixNumbers } from "../../lib/data/mod.ts";
import { classifierParameters } from "../../lib/finetune/classifier.ts";
import { pathDraws, pathFactors } from "../../lib/finetune/drop_path.ts";
import { groupByLayer, layerOf } from "../../lib/finetune/groups.ts";
import { mixImages, mixTargets } from "../../lib/finetune/mixing.ts";
import { smoothedTargets, softCrossEntropy } from "../../lib/finetune/soft_targets.ts";
import { startTensors } from "../../lib/finetune/start.ts";
import { randomEncoder } from "../../lib/features/mod.ts";
import { interpolatePositions } from "../../lib/vit/mod.ts";
import { arrayOver } from "../../lib/tensor/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate } from "../_run.ts";
import { MODEL } from "../probe/_subject.ts";

Deno.test("pathFactors() rise with the block, and keep the mean", () => {
  const depth = 3, rate = 0.4;
  const draws = input("draws", "float32", [2, pathDraws(rate, depth)]);
  assert.equal(draws.shape[1], 6);
  assert.equal(pathFactors({ rate, draws }, 0, depth), null);
  const [middle, last] = [1, 2].map((i) => pathFactors({ rate, draws }, i, depth)!);
  const outputs = { a: middle!.attention, b: middle!.mlp, c: last!.attention, d: last!.mlp };
  assert.deepEqual(outputs.a.shape, [2, 1, 1]);
  const found = evaluate(outputs, {
    draws: [0, 0, 0.79, 0.81, 0.59, 0.61, 0, 0, 0.81, 0.79, 0.61, 0.59],
  });
  assertClose(found.a, [1 / 0.8, 0], 1e-6, "attention of the middle block");
  assertClose(found.b, [0, 1 / 0.8], 1e-6, "its MLP");
  assertClose(found.c, [1 / 0.6, 0], 1e-6, "attention of the last block");
  assertClose(found.d, [0, 1 / 0.6], 1e-6, "its MLP");
  assert.equal(pathDraws(0, depth), 0);
});

Deno.test("mixImages() and mixTargets() pair the ends of a batch", () => {
  const B = 3, S = 3;
  const images = input("images", "float32", [B, S, S, 3]);
  const targets = input("targets", "float32", [B, 2]);
  const mix = input("mix", "float32", [6]);
  const elements = Array.from({ length: B * S * S * 3 }, (_, i) => i);
  const graph = { mixed: mixImages(images, mix), shares: mixTargets(targets, mix) };
  const box = { top: 0, left: 0, bottom: 0, right: 0 };
  const mixes = {
    none: { image: 1, label: 1, ...box },
    mixup: { image: 0.75, label: 0.75, ...box },
    cut: { image: 1, label: 7 / 9, top: 1, left: 0, bottom: 2, right: 2 },
  };
  for (const [name, one] of Object.entries(mixes)) {
    const found = evaluate(graph, {
      images: elements,
      targets: [1, 0, 1, 0, 0, 1],
      mix: mixNumbers(one),
    });
    const expected = elements.map((own, i) => {
      const b = Math.floor(i / (S * S * 3));
      const [y, x] = [Math.floor(i / (S * 3)) % S, Math.floor(i / 3) % S];
      const other = elements[(B - 1 - b) * S * S * 3 + i % (S * S * 3)]!;
      const inside = y >= one.top && y < one.bottom && x >= one.left && x < one.right;
      const share = inside ? 0 : one.image;
      return share * own + (1 - share) * other;
    });
    assertClose(found.mixed, expected, 1e-6, name);
    const { label } = one;
    assertClose(found.shares, [label, 1 - label, 1, 0, 1 - label, label], 1e-6, name);
  }
});

Deno.test("softCrossEntropy() is the mean of what the targets expect", () => {
  const logits = input("logits", "float32", [2, 3]);
  const targets = smoothedTargets(input("labels", "float32", [2, 1]), 3, 0.3);
  const values = [1, 2, 3, 0, -1, 0.5];
  const found = evaluate({ targets, loss: softCrossEntropy(logits, targets) }, {
    logits: values,
    labels: [2, 0],
  });
  const wanted = [0.1, 0.1, 0.8, 0.8, 0.1, 0.1];
  assertClose(found.targets, wanted, 1e-6, "targets");
  const rows = [values.slice(0, 3), values.slice(3)];
  const logSum = rows.map((row) => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)));
  const loss = values.reduce((sum, x, i) => sum - wanted[i]! * (x - logSum[Math.floor(i / 3)]!), 0);
  assertClose(found.loss, [loss / 2], 1e-6, "loss");
});

Deno.test("groupByLayer() lets lower layers learn more slowly, and what has one axis not decay", () => {
  const depth = 2;
  const groupOf = groupByLayer({ depth, layerDecay: 0.5, weightDecay: 0.05 });
  const config = { model: MODEL, pool: "mean", classes: ["a", "b"] } as const;
  const groups = new Map(classifierParameters(config).map((p) => [p.name, groupOf(p)]));
  assert.deepEqual(groups.get("pos_embed"), { weightDecay: 0, lrScale: 0.125 });
  assert.deepEqual(groups.get("cls_token"), { weightDecay: 0, lrScale: 0.125 });
  assert.deepEqual(groups.get("patch_embed.proj.weight"), { weightDecay: 0.05, lrScale: 0.125 });
  assert.deepEqual(groups.get("blocks.0.attn.qkv.bias"), { weightDecay: 0, lrScale: 0.25 });
  assert.deepEqual(groups.get("blocks.1.mlp.fc1.weight"), { weightDecay: 0.05, lrScale: 0.5 });
  assert.deepEqual(groups.get("fc_norm.weight"), { weightDecay: 0, lrScale: 1 });
  assert.deepEqual(groups.get("head.weight"), { weightDecay: 0.05, lrScale: 1 });
  assert.equal(layerOf("blocks.11.norm1.weight", 12), 12);
  assert.ok(!groups.has("norm.weight"), "the mean has a norm of its own");
});

Deno.test("startTensors() interpolates positions, and leaves a head out", () => {
  const encoder = randomEncoder(MODEL, 3);
  const head = { dtype: "float32", shape: [1, 1], data: new Uint8Array(4) } as const;
  const tensors = new Map([...encoder.tensors, ["head.weight", head]]);
  const same = startTensors({ ...encoder, tensors }, MODEL);
  assert.ok(!same.has("head.weight"));
  assert.deepEqual(same.get("pos_embed"), encoder.tensors.get("pos_embed"));
  const larger = startTensors(encoder, { ...MODEL, imageSize: 12 }).get("pos_embed")!;
  assert.deepEqual(larger.shape, [1, 10, MODEL.width]);
  const before = arrayOver("float32", encoder.tensors.get("pos_embed")!.data.slice());
  assert.deepEqual(
    arrayOver("float32", larger.data.slice()),
    interpolatePositions(before, 2, 3),
  );
});
