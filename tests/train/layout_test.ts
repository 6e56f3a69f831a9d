import assert from "node:assert/strict";
import type { Parameter } from "../../lib/nn/mod.ts";
import { decays, groupByDecay, type Layout, layOut } from "../../lib/train/mod.ts";
import { sizeOf } from "../../lib/tensor/mod.ts";

const parameter = (name: string, ...shape: number[]): Parameter => ({
  name,
  shape,
  init: "zeros",
});

const MODEL = [
  parameter("bias", 10),
  parameter("weight", 10, 30),
  parameter("norm", 65),
  parameter("token", 1, 1, 7),
  parameter("scalar"),
  parameter("kernel", 4, 3, 2, 2),
];

/** Asserts what every layout promises. */
function assertSound(parameters: readonly Parameter[], layout: Layout): void {
  assert.deepEqual([...layout.places.keys()].sort(), parameters.map(({ name }) => name).sort());
  let next = 0;
  for (const { start, elements, weightDecay } of layout.chunks) {
    assert.equal(start, next, "chunks follow each other");
    const range = layout.ranges.find(({ start: from, end }) => from <= start && start < end)!;
    assert.ok(start + elements <= range.end, "a chunk lies in one range");
    assert.equal(weightDecay, range.weightDecay);
    next = start + elements;
  }
  assert.equal(next, layout.elements, "chunks cover everything");
  const spans = [...layout.places.values()].sort((a, b) => a.offset - b.offset);
  let end = 0;
  for (const { parameter, offset } of spans) {
    assert.equal(offset * 4 % 256, 0, `${parameter.name} starts at a multiple of 256 bytes`);
    assert.ok(offset >= end, `${parameter.name} overlaps what lies before it`);
    end = offset + sizeOf(parameter.shape);
  }
  assert.ok(end <= layout.elements);
  let covered = 0;
  for (const { start, end } of layout.ranges) {
    assert.equal(start, covered);
    assert.ok(end > start);
    covered = end;
  }
  assert.equal(covered, layout.elements, "ranges cover everything");
}

/** Elements of the chunks. */
const sizesOf = ({ chunks }: Layout) => chunks.map(({ elements }) => elements);

Deno.test("layOut() aligns every parameter and groups them by whether they decay", () => {
  for (const chunk of [64, 128, 320, 65536, Infinity]) {
    const layout = layOut(MODEL, { groupOf: groupByDecay(0.05), chunk });
    assertSound(MODEL, layout);
    assert.deepEqual(layout.ranges.map(({ weightDecay }) => weightDecay), [0.05, 0]);
    for (const { parameter, offset } of layout.places.values()) {
      const range = layout.ranges.find(({ start, end }) => start <= offset && offset < end)!;
      assert.equal(range.weightDecay, decays(parameter) ? 0.05 : 0, parameter.name);
      assert.ok(
        offset + sizeOf(parameter.shape) <= range.end,
        `${parameter.name} leaves its group`,
      );
    }
  }
});

Deno.test("layOut() keeps the order of the parameters within a group", () => {
  const { places } = layOut(MODEL, { groupOf: groupByDecay(1), chunk: 64 });
  assert.deepEqual([...places.keys()], ["weight", "token", "kernel", "bias", "norm", "scalar"]);
});

Deno.test("layOut() gives a small model a chunk of its own size", () => {
  const layout = layOut(MODEL, { groupOf: groupByDecay(0.1), chunk: 65536 });
  assert.deepEqual(sizesOf(layout), [448, 448]); // 320 of the weight, 64 each of token and kernel
  assert.equal(layout.elements, 2 * 448);
  const small = sizesOf(layOut(MODEL, { groupOf: groupByDecay(0.1), chunk: 64 }));
  assert.deepEqual([small.length, new Set(small)], [(448 + 256) / 64, new Set([64])]);
});

Deno.test("layOut() makes each group one chunk without padding, if a chunk has no end", () => {
  const layout = layOut(MODEL, { groupOf: groupByDecay(0.05), chunk: Infinity });
  assert.deepEqual(sizesOf(layout), [448, 256]); // 64 each of bias and scalar, 128 of the norm
});

Deno.test("layOut() takes a model of one group, and none", () => {
  const weights = [parameter("a", 2, 2), parameter("b", 64, 2)];
  const layout = layOut(weights, { groupOf: groupByDecay(0.1), chunk: 65536 });
  assertSound(weights, layout);
  assert.deepEqual(layout.ranges, [{ start: 0, end: 192, weightDecay: 0.1, lrScale: 1 }]);
  const norms = [parameter("a", 3)];
  assert.deepEqual(layOut(norms, { groupOf: groupByDecay(0.1), chunk: 65536 }).ranges, [
    { start: 0, end: 64, weightDecay: 0, lrScale: 1 },
  ]);
  const none = layOut([], { groupOf: groupByDecay(0.1), chunk: 65536 });
  assert.deepEqual([none.elements, none.ranges, none.places.size], [0, [], 0]);
});

Deno.test("decays() is true of tensors of two axes or more", () => {
  assert.deepEqual(MODEL.map(decays), [false, true, false, true, false, true]);
});

Deno.test("layOut() makes a group of each weight decay and learning-rate scale, those that decay first", () => {
  const groupOf = (parameter: Parameter) => ({
    weightDecay: decays(parameter) ? 0.05 : 0,
    lrScale: ["kernel", "norm"].includes(parameter.name) ? 0.5 : 1,
  });
  for (const chunk of [64, 65536, Infinity]) {
    const layout = layOut(MODEL, { groupOf, chunk });
    assertSound(MODEL, layout);
    assert.deepEqual(layout.ranges.map(({ weightDecay, lrScale }) => [weightDecay, lrScale]), [
      ...[[0.05, 1], [0.05, 0.5]],
      ...[[0, 1], [0, 0.5]],
    ]);
    for (const { parameter, offset } of layout.places.values()) {
      const { start: _, end: __, ...group } = layout.ranges
        .find(({ start, end }) => start <= offset && offset < end)!;
      assert.deepEqual(group, groupOf(parameter), parameter.name);
    }
  }
});

Deno.test("layOut() makes each parameter a chunk, if it is asked to", () => {
  const layout = layOut(MODEL, { groupOf: groupByDecay(0.05), chunk: "tensor" });
  assertSound(MODEL, layout);
  const names = layout.chunks.map(({ parameter }) => parameter?.name);
  assert.deepEqual(names, ["weight", "token", "kernel", "bias", "norm", "scalar"]);
  assert.deepEqual(sizesOf(layout), [320, 64, 64, 64, 128, 64]);
});
