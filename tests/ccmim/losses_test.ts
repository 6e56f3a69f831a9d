import assert from "node:assert/strict";
import { gradient, input, stopGradient, type Value } from "../../lib/graph/mod.ts";
import { Parameters } from "../../lib/nn/mod.ts";
import {
  alignmentLoss,
  project,
  projectorParameters,
  reconstructedPatches,
  reconstructionLoss,
  reconstructionTarget,
} from "../../lib/ccmim/mod.ts";
import { assertClose } from "../_assert.ts";
import { evaluate } from "../_run.ts";
import { bindings, cut, flat, mean, normals, randomWeights } from "../nn/_reference.ts";
import * as reference from "./_reference.ts";

const TOLERANCE = 2e-6;

const B = 6, P = 5;
const visible = input("visible", "float32", [B, P]);
const masked = input("masked", "float32", [B, P]);
const given = { visible: normals(B * P, 21), masked: normals(B * P, 22, 3) };
const lossAt = (inputs: typeof given, temperature: number) =>
  evaluate({ loss: alignmentLoss(visible, masked, temperature) }, inputs).loss[0]!;

Deno.test("alignmentLoss() is 2T times the cross-entropy against the diagonal", () => {
  for (const T of [0.5, 1, 0.1]) {
    const expected = reference.alignmentLoss(cut(given.visible, P), cut(given.masked, P), T);
    assertClose([lossAt(given, T)], [expected], TOLERANCE, `temperature ${T}`);
  }
});

Deno.test("alignmentLoss() does not see the order of the batch, nor the lengths of the rows", () => {
  const order = [3, 1, 5, 0, 2, 4];
  const permuted = (xs: readonly number[]) => flat(order.map((i) => cut(xs, P)[i]!));
  const both = { visible: permuted(given.visible), masked: permuted(given.masked) };
  assertClose([lossAt(both, 0.5)], [lossAt(given, 0.5)], TOLERANCE);
  const scaled = (xs: readonly number[]) =>
    flat(cut(xs, P).map((row, i) => row.map((x) => (i + 1) * x)));
  const longer = { visible: scaled(given.visible), masked: scaled(given.masked) };
  assertClose([lossAt(longer, 0.5)], [lossAt(given, 0.5)], TOLERANCE);
  const one = { visible: permuted(given.visible), masked: given.masked };
  assert.ok(Math.abs(lossAt(one, 0.5) - lossAt(given, 0.5)) > 0.01, "but it sees who is whose");
});

Deno.test("alignmentLoss() has the limits of perfect alignment and of collapse", () => {
  const T = 0.5;
  // Rows at right angles, each equal to its partner: 2T log(1 + (B - 1) exp(-1/T))
  const [side, other] = ["side", "other"].map((name) => input(name, "float32", [4, 4])) as [
    Value,
    Value,
  ];
  const unit = Array.from({ length: 16 }, (_, i) => Number(i % 5 === 0));
  const aligned = { side: unit, other: unit.map((x) => 2 * x) };
  const loss = alignmentLoss(side, other, T);
  const perfect = 2 * T * Math.log(1 + 3 * Math.exp(-1 / T));
  assertClose(evaluate({ loss }, aligned).loss, [perfect], TOLERANCE);
  // All rows equal: chance, 2T log B
  const collapsed = { side: new Array(16).fill(1), other: new Array(16).fill(3) };
  assertClose(evaluate({ loss }, collapsed).loss, [2 * T * Math.log(4)], TOLERANCE);
});

Deno.test("alignmentLoss() gives a gradient to both sides, and to one where the other is stopped", () => {
  const both = gradient(alignmentLoss(visible, masked, 0.5), [visible, masked]);
  assert.ok(both.every((dx) => dx !== null));
  const [dx, none] = gradient(alignmentLoss(visible, stopGradient(masked), 0.5), [visible, masked]);
  assert.equal(none, null);
  const results = evaluate({ one: dx!, both: both[0]! }, given);
  assert.deepEqual(results.one, results.both);
});

Deno.test("project() is Linear, BatchNorm, ReLU, Linear, BatchNorm, and updates statistics", () => {
  const D = 6, width = 4;
  const specs = projectorParameters(D, width);
  assert.deepEqual(specs.map(({ name, shape }) => `${name} ${shape}`), [
    "projector.0.weight 6,6",
    "projector.1.weight 6",
    "projector.1.bias 6",
    "projector.3.weight 4,6",
  ]);
  const p = new Parameters(specs);
  const x = input("x", "float32", [B, D]);
  const statistics = (name: string, size: number) => ({
    mean: input(`${name} mean`, "float32", [size]),
    variance: input(`${name} variance`, "float32", [size]),
  });
  const once = project(p, x, { hidden: statistics("h", D), output: statistics("o", width) });
  const twice = project(p, once.z.shape[1] === D ? once.z : x, once.statistics);
  const weights = randomWeights(specs);
  const elements = normals(B * D, 23);
  const results = evaluate({
    z: once.z,
    hiddenMean: twice.statistics.hidden.mean,
    hiddenVariance: twice.statistics.hidden.variance,
    outputMean: twice.statistics.output.mean,
    outputVariance: twice.statistics.output.variance,
  }, {
    x: elements,
    ...bindings(p, weights),
    "h mean": new Array(D).fill(0),
    "h variance": new Array(D).fill(1),
    "o mean": new Array(width).fill(0),
    "o variance": new Array(width).fill(1),
  });
  const start = (size: number) => ({
    mean: new Array(size).fill(0),
    variance: new Array(size).fill(1),
  });
  const rows = cut(elements, D);
  const first = reference.project(weights, rows, { hidden: start(D), output: start(width) });
  const second = reference.project(weights, rows, first.statistics);
  assertClose(results.z, flat(first.z), TOLERANCE);
  assertClose(results.hiddenMean, second.statistics.hidden.mean, TOLERANCE);
  assertClose(results.hiddenVariance, second.statistics.hidden.variance, TOLERANCE);
  assertClose(results.outputMean, second.statistics.output.mean, TOLERANCE);
  assertClose(results.outputVariance, second.statistics.output.variance, TOLERANCE);
});

const patches = input("patches", "float32", [2, 3, 12]);
const pixels = normals(72, 24).map((x) => x + 1);

Deno.test("reconstructionTarget() normalises each patch by its mean and unbiased variance", () => {
  const results = evaluate({ target: reconstructionTarget(patches, true) }, { patches: pixels });
  const rows = cut(results.target, 12);
  assertClose(results.target, flat(cut(pixels, 12).map(reference.normalised)), TOLERANCE);
  for (const row of rows) {
    const total = row.reduce((sum, x) => sum + x * x, 0);
    assertClose([total / 11], [1], 1e-5, "unbiased variance");
    assertClose([mean(row)], [0], 1e-6, "mean");
  }
});

Deno.test("reconstructionTarget() of an even patch is zero, not infinite", () => {
  const results = evaluate({ target: reconstructionTarget(patches, true) }, {
    patches: new Array(72).fill(0.25),
  });
  assert.deepEqual(results.target, new Array(72).fill(0));
});

Deno.test("reconstructionTarget() is the pixels themselves unless they are to be normalised", () => {
  assert.equal(reconstructionTarget(patches, false), patches);
});

Deno.test("reconstructionLoss() is the mean squared error over all given patches", () => {
  const prediction = input("prediction", "float32", [2, 3, 12]);
  const loss = reconstructionLoss(prediction, patches);
  const guess = normals(72, 25);
  const expected = mean(guess.map((x, i) => (x - pixels[i]!) ** 2));
  const results = evaluate({ loss }, { prediction: guess, patches: pixels });
  assertClose(results.loss, [expected], TOLERANCE);
});

Deno.test("reconstructedPatches() undoes reconstructionTarget()", () => {
  const patches = input("patches", "float32", [2, 3, 12]);
  const given = { patches: normals(72, 31, 2) };
  for (const perPatch of [true, false]) {
    const target = reconstructionTarget(patches, perPatch);
    const { y } = evaluate({ y: reconstructedPatches(target, patches, perPatch) }, given);
    assertClose(y, given.patches, TOLERANCE);
  }
});
