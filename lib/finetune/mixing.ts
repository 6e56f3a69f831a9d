/** Mixup and CutMix in the graph: each image is mixed with the one at the other end of its batch, as timm pairs them. */
import {
  add,
  and,
  cast,
  constant,
  gather,
  less,
  mul,
  reshape,
  slice,
  sub,
  type Value,
} from "../graph/mod.ts";
import { sizeOf } from "../tensor/mod.ts";

/** The numbers of a mix by name: see `Mix` of the data module, whose order they have. */
const NUMBERS = ["image", "label", "top", "left", "bottom", "right"] as const;

/** A number of a mix as a scalar. */
function numberOf(mix: Value, name: (typeof NUMBERS)[number]): Value {
  const place = NUMBERS.indexOf(name);
  return reshape(slice(mix, 0, place, place + 1), []);
}

/** The rows of `x` `[B, ...]` in reverse. */
function reversed(x: Value): Value {
  const [B, ...rest] = x.shape as [number, ...number[]];
  const ids = constant("int64", [B], Array.from({ length: B }, (_, i) => B - 1 - i));
  return reshape(gather(reshape(x, [B, sizeOf(rest)]), ids), x.shape);
}

/**
 * Images mixed with their partners.
 *
 * @param images `[B, S, S, 3]`.
 * @param mix `[6]`.
 */
export function mixImages(images: Value, mix: Value): Value {
  const S = images.shape[1]!;
  // Pixel i lies in first <= i < end where first - 1/2 < i < end - 1/2: bounds are whole numbers
  const pixels = (shape: readonly number[]) =>
    constant("float32", shape, Array.from({ length: S }, (_, i) => i));
  const within = (places: Value, first: Value, end: Value) =>
    and(less(sub(first, 0.5), places), less(places, sub(end, 0.5)));
  const rows = within(pixels([S, 1]), numberOf(mix, "top"), numberOf(mix, "bottom"));
  const columns = within(pixels([1, S]), numberOf(mix, "left"), numberOf(mix, "right"));
  const outside = sub(1, cast(and(rows, columns), "float32")); // [S, S]
  const share = reshape(mul(outside, numberOf(mix, "image")), [S, S, 1]);
  return add(mul(images, share), mul(reversed(images), sub(1, share)));
}

/**
 * Shares of classes mixed with those of the partners.
 *
 * @param targets `[B, C]`.
 * @param mix `[6]`.
 */
export function mixTargets(targets: Value, mix: Value): Value {
  const share = numberOf(mix, "label");
  return add(mul(targets, share), mul(reversed(targets), sub(1, share)));
}
