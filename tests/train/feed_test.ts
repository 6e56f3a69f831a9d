import assert from "node:assert/strict";
import { type Loader, openLoader, PRETRAINING_CROP } from "../../lib/data/mod.ts";
import {
  type Allocator,
  Environment,
  fakeDeviceAllocator,
  hostAllocator,
  type Tensor,
} from "../../lib/runtime/mod.ts";
import { openFeed } from "../../lib/train/feed.ts";
import { writeDataset } from "./_dataset.ts";

const FIELDS = ["images", "boxes", "flips", "noise"] as const;

type Feed = ReturnType<typeof openFeed>;

/** Runs `body` on a feed of micro-batches of 3 images of 4 x 4. */
async function withFeed(
  allocator: Allocator,
  body: (feed: Feed, loader: Loader) => void,
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
      crop: PRETRAINING_CROP,
      slots: 2,
    });
    using environment = Environment.open();
    using feed = openFeed(environment, allocator, loader);
    body(feed, loader);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Bytes of a tensor, wherever it lies. */
function bytesOf({ buffer, byteOffset, byteLength }: Tensor): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  buffer.download(bytes, byteOffset);
  return bytes;
}

/** Asserts that the tensors hold the micro-batch in `slot`. */
function assertHolds(tensors: ReturnType<Feed["tensors"]>, loader: Loader, slot: number): void {
  assert.deepEqual(Object.keys(tensors).sort(), [...FIELDS].sort());
  for (const name of FIELDS) {
    const view = loader.slots[slot]!.views[name];
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    assert.deepEqual(tensors[name]!.shape, loader.layout.fields[name].shape, name);
    assert.deepEqual(bytesOf(tensors[name]!), bytes.slice(), name);
  }
}

for (const allocator of [hostAllocator, fakeDeviceAllocator]) {
  Deno.test(`openFeed() gives each micro-batch, on ${allocator.device.kind}`, () =>
    withFeed(allocator, (feed, loader) => {
      for (let i = 0; i < 6; i++) {
        const microBatch = loader.next();
        assertHolds(feed.tensors(microBatch), loader, microBatch.slot);
        loader.release(microBatch);
      }
    }));
}

Deno.test("openFeed() reads a slot in place on the host", () =>
  withFeed(hostAllocator, (feed, loader) => {
    const [a, b] = [loader.next(), loader.next()];
    const [first, second] = [feed.tensors(a), feed.tensors(b)];
    assert.notEqual(first.images, second.images);
    loader.slots[a.slot]!.views.noise[5] = 0.625;
    assert.equal(first.noise!.array[5], 0.625);
    first.images!.array[7] = 99;
    assert.equal(loader.slots[a.slot]!.views.images[7], 99);
    assertHolds(second, loader, b.slot);
    loader.release(a);
    const third = loader.next();
    assert.equal(feed.tensors(third).images, first.images, "no tensor is made twice");
  }));

Deno.test("openFeed() copies a slot to a device, into tensors that stay", () =>
  withFeed(fakeDeviceAllocator, (feed, loader) => {
    const [a, b] = [loader.next(), loader.next()];
    const first = feed.tensors(a);
    const before = bytesOf(first.noise!);
    loader.slots[a.slot]!.views.noise[0] = 0.625;
    assert.deepEqual(bytesOf(first.noise!), before);
    assert.equal(first.images!.buffer.device, fakeDeviceAllocator.device);
    const second = feed.tensors(b);
    for (const name of FIELDS) assert.equal(second[name], first[name]);
    assertHolds(second, loader, b.slot);
  }));
