import assert from "node:assert/strict";
import { ArenaModel } from "../../lib/onnx/arena_model.ts";

const MiB = 2 ** 20;

Deno.test("ArenaModel counts what is in use in multiples of 256 bytes", () => {
  const arena = new ArenaModel();
  const a = arena.allocate(1);
  arena.allocate(257);
  assert.equal(arena.peak, 256 + 512);
  arena.free(a);
  arena.allocate(200);
  assert.equal(arena.peak, 256 + 512);
});

Deno.test("ArenaModel asks the system for twice as much every time, or for what is needed", () => {
  const arena = new ArenaModel();
  arena.allocate(MiB);
  assert.equal(arena.reserved, MiB);
  arena.allocate(MiB);
  assert.equal(arena.reserved, 3 * MiB);
  arena.allocate(9 * MiB);
  assert.equal(arena.reserved, (3 + 16) * MiB);
  const asNeeded = new ArenaModel("needed");
  asNeeded.allocate(5 * MiB);
  asNeeded.allocate(MiB);
  assert.equal(asNeeded.reserved, 6 * MiB);
  const large = new ArenaModel();
  large.allocate(3000 * MiB);
  assert.equal(large.reserved, 3000 * MiB);
});

Deno.test("ArenaModel hands out all of a free chunk that is less than twice as large", () => {
  const arena = new ArenaModel();
  const whole = arena.allocate(0.75 * MiB); // of 1 MiB, which is not split
  assert.equal(arena.peak, MiB);
  arena.free(whole);
  arena.allocate(0.5 * MiB); // split
  arena.allocate(0.5 * MiB);
  assert.equal(arena.peak, MiB);
  assert.equal(arena.reserved, MiB);
});

Deno.test("ArenaModel joins free neighbours, in whatever order they become free", () => {
  for (const order of [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 0, 2]]) {
    const arena = new ArenaModel();
    const parts = [MiB / 4, MiB / 4, MiB / 2].map((size) => arena.allocate(size));
    assert.equal(arena.reserved, MiB);
    for (const i of order) arena.free(parts[i]!);
    arena.allocate(MiB);
    assert.equal(arena.reserved, MiB);
    assert.equal(arena.peak, MiB);
  }
});

Deno.test("ArenaModel takes the smallest free chunk that is large enough", () => {
  const arena = new ArenaModel();
  const [small, , large] = [1, 1, 4, 1].map((kib) => arena.allocate(kib * 1024));
  arena.free(large!);
  arena.free(small!);
  assert.equal(arena.allocate(1024).address, small!.address);
});
