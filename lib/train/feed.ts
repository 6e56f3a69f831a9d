/** Batches from a loader's shared memory to where the session reads them. */
import { type Allocator, type Environment, hostBufferOver, type Tensors } from "../runtime/mod.ts";
import type { BatchField, Loader, MicroBatch } from "../data/mod.ts";

/** What the graphs of a model read of a batch. */
const FIELDS = ["images", "boxes", "flips", "noise"] as const satisfies readonly BatchField[];

/**
 * Gives the tensors of a micro-batch. Host sessions read the slot itself; for a device the slot is copied into tensors that
 * stay where they are.
 */
export function openFeed(
  environment: Environment,
  allocator: Allocator,
  loader: Loader,
): { tensors(microBatch: MicroBatch): Tensors } & Disposable {
  const stack = new DisposableStack();
  const { layout } = loader;
  const over = (buffer: ReturnType<Allocator["allocate"]>): Tensors =>
    Object.fromEntries(
      FIELDS.map((name) => [name, stack.use(environment.tensor(buffer, layout.fields[name]))]),
    );
  const slots = loader.slots.map(({ byteOffset }) =>
    stack.use(hostBufferOver(loader.memory, byteOffset, layout.byteLength))
  );
  const dispose = () => stack.dispose();
  if (allocator.device.kind === "cpu") {
    const tensors = slots.map(over);
    return { tensors: ({ slot }) => tensors[slot]!, [Symbol.dispose]: dispose };
  }
  const staging = stack.use(allocator.allocate(layout.byteLength));
  const tensors = over(staging);
  return {
    tensors: ({ slot }) => {
      staging.upload(slots[slot]!.bytes);
      return tensors;
    },
    [Symbol.dispose]: dispose,
  };
}
