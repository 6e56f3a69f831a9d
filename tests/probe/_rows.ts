/** Features that classes can be told by, to a degree. */
import type { LabelledRows } from "../../lib/probe/knn.ts";
import { random } from "../../lib/tensor/mod.ts";

/** `count` rows of normal numbers; the `label`-th number of each is larger by `apart`. */
export function drawRows(
  count: number,
  options: { width: number; classes: number; apart: number; seed: number },
): LabelledRows {
  const { width, classes, apart, seed } = options;
  const stream = random({ seed, purpose: "draw" });
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
  const values = Float32Array.from({ length: count * width }, (_, i) => {
    const isOwn = i % width === labels[Math.floor(i / width)]!;
    return 3 * stream.normal() + (isOwn ? apart : 0) + 5;
  });
  return { values, width, labels };
}
