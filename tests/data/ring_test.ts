import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { MAX_PRODUCERS, MAX_SLOTS, Ring, ringMemory } from "../../lib/data/ring.ts";

function ring(slots: number) {
  const { memory, offsets } = ringMemory({ slots, slotBytes: 4096 });
  return { memory, offsets, producer: new Ring(memory, slots), consumer: new Ring(memory, slots) };
}

/** A ring of one slot with three producers. */
function shared() {
  const { memory } = ringMemory({ slots: 1, slotBytes: 4096, producers: 3 });
  const handle = () => new Ring(memory, 1, 3);
  return { memory, producers: [handle(), handle(), handle()] as const, consumer: handle() };
}

Deno.test("ringMemory() starts every slot at a page of the address space", () => {
  const { memory, offsets } = ringMemory({ slots: 2, slotBytes: 8192 });
  deepEqual(offsets, [4096, 12288]);
  equal(memory.byteLength, 20480);
  const bytes = new Uint8Array(memory) as unknown as Uint8Array<ArrayBuffer>;
  equal(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)) % 4096n, 0n);
  ok(ringMemory({ slots: MAX_SLOTS, slotBytes: 4096, producers: MAX_PRODUCERS }));
  throws(
    () => ringMemory({ slots: 64, slotBytes: 4096 }),
    new RangeError("Cannot use 64 slots: it must be a whole number in [1, 63]"),
  );
  throws(
    () => ringMemory({ slots: 1, slotBytes: 4096, producers: 65 }),
    new RangeError("Cannot use 65 data workers: it must be a whole number in [1, 64]"),
  );
});

Deno.test("Ring hands slots to and fro", () => {
  const { producer, consumer } = ring(2);
  equal(producer.waitFree(1), true);
  producer.publish(1);
  equal(consumer.waitReady(1), null);
  consumer.release(1);
  equal(producer.waitFree(3), true);
});

Deno.test("Ring hands an item over when all producers have filled their parts", async () => {
  const { memory, producers: [a, b, c], consumer } = shared();
  for (let item = 0; item < 3; item++) {
    a.publish(item);
    c.publish(item);
    const worker = new Worker(new URL("./ring_worker.ts", import.meta.url), { type: "module" });
    const message = () =>
      new Promise<unknown>((resolve) => worker.onmessage = ({ data }) => resolve(data));
    worker.postMessage({ memory, slots: 1, producers: 3, ready: item });
    equal(await message(), "waiting");
    const answer = message();
    equal(
      await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 20, "not yet"))]),
      "not yet",
    );
    b.publish(item);
    equal(await answer, null);
    worker.terminate();
    consumer.release(item);
    for (const producer of [a, b, c]) equal(producer.waitFree(item + 1), true);
  }
});

Deno.test("Ring names the failure that is first in the item, whichever came first", () => {
  const { producers: [a, b, c], consumer } = shared();
  c.fail(0, 2, { data: false, message: "last" });
  b.fail(0, 1, { data: true, message: "second" });
  a.publish(0);
  deepEqual(consumer.waitReady(0), { data: true, message: "second" });
  deepEqual(consumer.waitReady(0), { data: true, message: "second" });
});

Deno.test("Ring yields what was filled before a producer failed at a later item", () => {
  const { memory } = ringMemory({ slots: 2, slotBytes: 4096, producers: 2 });
  const [a, b, consumer] = [0, 1, 2].map(() => new Ring(memory, 2, 2)) as [Ring, Ring, Ring];
  a.publish(0);
  a.fail(1, 0, { data: true, message: "no more" });
  b.publish(0);
  b.publish(1);
  equal(consumer.waitReady(0), null);
  deepEqual(consumer.waitReady(1), { data: true, message: "no more" });
});

Deno.test("Ring.breakOff() reaches a consumer that waits for a producer that is gone", () => {
  const { producers: [a, b], consumer } = shared();
  a.publish(0);
  b.breakOff(1, { data: false, message: "out of memory" });
  deepEqual(consumer.waitReady(0), { data: false, message: "out of memory" });
  a.publish(0);
  deepEqual(consumer.waitReady(0), { data: false, message: "out of memory" });
  consumer.close();
  throws(() => consumer.waitReady(0), new TypeError("Cannot take a slot: the ring is closed"));
  equal(a.waitFree(1), false);
});

Deno.test("Ring carries a failure, shortened if it is long, behind what was published", () => {
  const { producer, consumer } = ring(2);
  producer.publish(0);
  producer.fail(1, 0, { data: true, message: "Cannot read sample 3: é" });
  equal(consumer.waitReady(0), null);
  deepEqual(consumer.waitReady(1), { data: true, message: "Cannot read sample 3: é" });

  const other = ring(1);
  other.producer.fail(0, 0, { data: false, message: "é".repeat(10_000) });
  const failure = other.consumer.waitReady(0);
  equal(failure?.data, false);
  ok(/^é{1000,}\.\.\.$/.test(failure?.message ?? ""));
});

Deno.test("Ring.close() ends both sides and is not undone", () => {
  const { producer, consumer } = ring(1);
  consumer.close();
  producer.publish(0);
  equal(producer.waitFree(0), false);
  consumer.release(0);
  equal(producer.waitFree(1), false);
  throws(() => consumer.waitReady(0), new TypeError("Cannot take a slot: the ring is closed"));
});

for (
  const [what, wake, free] of [
    ["release", (consumer: Ring) => consumer.release(0), true],
    ["close", (consumer: Ring) => consumer.close(), false],
  ] as const
) {
  Deno.test(`Ring.${what}() wakes a producer that waits`, async () => {
    const { memory, producer, consumer } = ring(2);
    producer.publish(0);
    const worker = new Worker(new URL("./ring_worker.ts", import.meta.url), { type: "module" });
    const message = () =>
      new Promise<unknown>((resolve) => worker.onmessage = ({ data }) => resolve(data));
    worker.postMessage({ memory, slots: 2, producers: 1, free: 2 });
    equal(await message(), "waiting");
    const answer = message();
    await new Promise((resolve) => setTimeout(resolve, 20)); // until it does wait
    wake(consumer);
    equal(await answer, free);
    worker.terminate();
  });
}
