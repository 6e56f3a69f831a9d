/** The copy graph: one slab to another on the same device. */
import { emit } from "../../onnx/mod.ts";
import { input } from "../../graph/mod.ts";
import type { Slab } from "../slab.ts";
import type { Binder, Run } from "./binder.ts";

/** `from` `[elements]` -> `to`. */
export function copyGraph(elements: number): Uint8Array<ArrayBuffer> {
  return emit({ to: input("from", "float32", [elements]) }, { name: "copy" });
}

/** Copies all of `from` over `to`. */
export function bindCopy(binder: Binder, from: Slab, to: Slab): Run {
  if (from.elements === 0) return () => {};
  const session = binder.session(copyGraph(from.elements));
  const whole = [from.elements];
  const binding = binder.bind(session, { from: from.tensor(0, whole) }, {
    to: to.tensor(0, whole),
  });
  return () => binding.run();
}
