import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { MAX_SLOTS, Ring, ringMemory } from "../../lib/data/ring.ts";

function ring(slots: number) {
  const { memory, offsets } = ringMemory(slots, 4096);
  return { memory, offsets, producer: new Ring(memory, slots), consumer: new Ring(memory, slots) };
}

Deno.test("ringMemory() starts every slot at a page of the address space", () => {
  const { memory, offsets } = ringMemory(2, 8192);
  deepEqual(offsets, [4096, 12288]);
  equal(memory.byteLength, 20480);
  const bytes = new Uint8Array(memory) as unknown as Uint8Array<ArrayBuffer>;
  equal(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)) % 4096n, 0n);
  ok(ringMemory(MAX_SLOTS, 4096));
  throws(
    () => ringMemory(64, 4096),
    new RangeError("Cannot use 64 slots: it must be a whole number in [1, 63]"),
  );
});

Deno.test("Ring hands slots to and fro", () => {
  const { producer, consumer } = ring(2);
  equal(producer.waitFree(1), true);
  producer.publish(1);
  equal(consumer.waitReady(1), null);
  consumer.release(1);
  equal(producer.waitFree(1), true);
});

Deno.test("Ring carries a failure, shortened if it is long, behind what was published", () => {
  const { producer, consumer } = ring(2);
  producer.publish(0);
  producer.fail(1, { data: true, message: "Cannot read sample 3: é" });
  equal(consumer.waitReady(0), null);
  deepEqual(consumer.waitReady(1), { data: true, message: "Cannot read sample 3: é" });

  const other = ring(1);
  other.producer.fail(0, { data: false, message: "é".repeat(10_000) });
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
  equal(producer.waitFree(0), false);
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
    worker.postMessage(memory);
    equal(await message(), "waiting");
    const answer = message();
    await new Promise((resolve) => setTimeout(resolve, 20)); // until it does wait
    wake(consumer);
    equal(await answer, free);
    worker.terminate();
  });
}
