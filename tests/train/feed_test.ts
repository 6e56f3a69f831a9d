import assert from "node:assert/strict";
import {
  batchLayout,
  batchViews,
  DataError,
  type Loader,
  type MicroBatch,
  openLoader,
} from "../../lib/data/mod.ts";
import { cast, input, reshape, slice, type Value } from "../../lib/graph/mod.ts";
import { emit } from "../../lib/onnx/mod.ts";
import {
  type DeviceContext,
  Environment,
  FAKE_DEVICE,
  openFakeContext,
  openHostContext,
  type Tensor,
  type Tensors,
} from "../../lib/runtime/mod.ts";
import { sizeOf } from "../../lib/tensor/mod.ts";
import { type Feed, openFeed } from "../../lib/train/feed.ts";
import { BatchRuns } from "../../lib/train/graphs/batch_runs.ts";
import type { Pending } from "../../lib/train/pending.ts";
import { Slab } from "../../lib/train/slab.ts";
import { writeDataset } from "./_dataset.ts";
import { CROPS } from "../data/packed.ts";

const FIELDS = ["images", "boxes", "flips", "noise"] as const;

/** Every way in which a device may be late, or cannot pin the loader's memory. */
const DEVICES = {
  "a late device": (environment: Environment) => openFakeContext(environment, { copies: "late" }),
  "an early device": (environment: Environment) =>
    openFakeContext(environment, { copies: "early" }),
  "a device that pins nothing": (environment: Environment) =>
    openFakeContext(environment, { pins: false }),
};

interface Rig {
  readonly feed: Feed;
  readonly loader: Loader;
}

/** Runs `body` on a feed of micro-batches of 3 images of 4 x 4, with no end unless given. */
async function withFeed(
  open: (environment: Environment) => DeviceContext,
  body: (rig: Rig) => void,
  { microBatches = Infinity, slots = 2 } = {},
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    const dataset = `${folder}/data`;
    writeDataset(dataset, { size: 4, train: 12, val: 0 });
    using loader = await openLoader({
      dataset,
      split: "train",
      batch: 3,
      seed: 1,
      tokens: 4,
      crop: CROPS,
      until: microBatches,
      slots,
    });
    using environment = Environment.open();
    using context = open(environment);
    using feed = openFeed(context, loader, { microBatches });
    body({ feed, loader });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Bytes of a tensor, wherever it lies, as a run that came next would find them. */
function bytesOf({ buffer, byteOffset, byteLength }: Tensor): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  buffer.download(bytes, byteOffset);
  return bytes;
}

/** Bytes of all fields of a micro-batch. */
function contents(tensors: Tensors): Record<string, Uint8Array> {
  return Object.fromEntries(FIELDS.map((name) => [name, bytesOf(tensors[name]!)]));
}

/** What the first micro-batches are, as the host reads them. */
async function expected(count: number): Promise<Record<string, Uint8Array>[]> {
  const all: Record<string, Uint8Array>[] = [];
  await withFeed(openHostContext, ({ feed }) => {
    while (all.length < count) {
      all.push(contents(feed.next().tensors));
      feed.done();
    }
  });
  return all;
}

const BATCH = 2;
const LAYOUT = batchLayout({ batch: BATCH, size: 4, tokens: 4 });

/** A loader that writes over a slot as soon as it gets it back. */
class HastyLoader implements Loader {
  readonly layout = LAYOUT;
  readonly memory = new SharedArrayBuffer(2 * LAYOUT.byteLength);
  readonly slots = [0, LAYOUT.byteLength].map((byteOffset) => ({
    byteOffset,
    views: batchViews(LAYOUT, this.memory, byteOffset),
  }));
  readonly microBatchesPerEpoch = 1;
  readonly waited = 0;
  readonly held = new Set<number>();
  #index = 0;

  /** @param failsAt index of a micro-batch that cannot be read. */
  constructor(readonly failsAt = Infinity) {}

  next(): MicroBatch {
    const index = this.#index++;
    if (index >= this.failsAt) throw new DataError(`Cannot read micro-batch ${index}`);
    const slot = index % 2;
    assert.ok(!this.held.has(slot), "the slot has been given back");
    this.held.add(slot);
    const { images, noise } = this.slots[slot]!.views;
    images.fill(index);
    noise.fill(index);
    return { index, epoch: index, count: BATCH, slot };
  }

  release({ slot }: MicroBatch): void {
    this.held.delete(slot);
    const { images, noise } = this.slots[slot]!.views;
    images.fill(255);
    noise.fill(NaN);
  }

  close(): void {}
  [Symbol.dispose](): void {}
}

/** Copies the images' and the noise's first elements out of one micro-batch after the other, and reads them a step late. */
function readThrough(context: DeviceContext, feed: Feed, count: number): number[][] {
  const { images, noise } = LAYOUT.fields;
  const first = (x: Value) => slice(reshape(x, [sizeOf(x.shape)]), 0, 0, 1);
  const model = emit({
    pixel: first(cast(input("images", "uint8", images.shape), "float32")),
    draw: first(input("noise", "float32", noise.shape)),
  }, { name: "first" });
  using session = context.session(model, { threads: 1 });
  using slab = new Slab(context, 128);
  const outputs = { pixel: slab.tensor(0, [1]), draw: slab.tensor(64, [1]) };
  using runs = new BatchRuns(session, { inputs: {}, outputs, captures: false });
  const found: number[][] = [];
  const read = (pending: Pending<Float32Array>) => {
    const values = pending.read();
    found.push([values[0]!, values[64]!]);
  };
  let before: Pending<Float32Array> | null = null;
  for (let i = 0; i < count; i++) {
    const { tensors, place } = feed.next();
    runs.run(tensors, place);
    feed.done();
    feed.readAhead();
    if (before !== null) read(before);
    before = slab.readback(0, 65);
  }
  read(before!);
  return found;
}

for (const [name, open] of Object.entries({ "the host": openHostContext, ...DEVICES })) {
  Deno.test(`openFeed() gives each micro-batch as it was read, on ${name}`, async () => {
    const wanted = await expected(6);
    await withFeed(open, ({ feed }) => {
      for (const [i, fields] of wanted.entries()) {
        const { tensors, place } = feed.next();
        assert.deepEqual(Object.keys(tensors).sort(), [...FIELDS].sort());
        assert.equal(place, i % 2);
        assert.deepEqual(contents(tensors), fields, `micro-batch ${i}`);
        feed.done();
        if (i % 3 === 0) feed.readAhead(); // as after the last micro-batch of a step
      }
    }, { microBatches: 6 });
  });

  Deno.test(`openFeed() keeps each micro-batch until it was used, on ${name}`, () => {
    using environment = Environment.open();
    using context = open(environment);
    using loader = new HastyLoader();
    using feed = openFeed(context, loader);
    // The host's results are there before it goes on; a device's are read when the next run is on its way
    const found = readThrough(context, feed, 9);
    assert.deepEqual(found, Array.from({ length: 9 }, (_, i) => [i, i]));
  });
}

Deno.test("openFeed() reads a slot in place on the host", () =>
  withFeed(openHostContext, ({ feed, loader }) => {
    const { tensors: first } = feed.next();
    loader.slots[0]!.views.noise[5] = 0.625;
    assert.equal(first.noise!.array[5], 0.625);
    first.images!.array[7] = 99;
    assert.equal(loader.slots[0]!.views.images[7], 99);
    feed.done();
    const { tensors: second } = feed.next();
    assert.notEqual(second.images, first.images);
    feed.done();
    assert.equal(feed.next().tensors.images, first.images, "no tensor is made twice");
  }));

Deno.test("openFeed() copies to two places on a device, a micro-batch ahead and no further", () => {
  using environment = Environment.open();
  using context = openFakeContext(environment);
  using loader = new HastyLoader();
  using feed = openFeed(context, loader, { microBatches: 4 });
  const bytes = LAYOUT.fields.noise.byteOffset + LAYOUT.fields.noise.byteLength;
  const before = context.traffic.hostToDevice;
  const copied = () => (context.traffic.hostToDevice - before) / bytes;
  const places: Tensors[] = [];
  for (let i = 0; i < 4; i++) {
    places.push(feed.next().tensors);
    assert.equal(copied(), i + 1);
    feed.done();
    assert.equal(copied(), i + 1, "not before the device has all that it can do");
    feed.readAhead();
    feed.readAhead();
    assert.equal(copied(), Math.min(i + 2, 4));
  }
  assert.deepEqual(places[0]!.images!.buffer.device, FAKE_DEVICE);
  assert.notEqual(places[1], places[0]);
  assert.deepEqual([places[2] === places[0], places[3] === places[1]], [true, true]);
  assert.ok(loader.held.size <= 1, "slots go back");
});

Deno.test("openFeed() tells of a micro-batch that cannot be read when it is asked for", () => {
  using environment = Environment.open();
  using context = openFakeContext(environment);
  using loader = new HastyLoader(2);
  using feed = openFeed(context, loader);
  for (const _ of [0, 1]) {
    feed.next();
    feed.done();
    feed.readAhead();
  }
  feed.readAhead();
  assert.throws(() => feed.next(), new DataError("Cannot read micro-batch 2"));
});
