/** How values of a low type are held in a graph: as they are, or simulated in float32. */
import { arrayOver } from "../tensor/mod.ts";
import { apply, cast, constant, is, type Value } from "../graph/mod.ts";
import { lowBytes, type LowType, roundTo } from "./low_type.ts";

/** Ways into the low type, out of it, and through an op. */
export interface LowForm {
  /** A float32 value, rounded. */
  lower(x: Value): Value;
  /** A low value as float32. */
  raise(x: Value): Value;
  /** What an op made of low operands, as a low value. */
  result(x: Value): Value;
  /** A number that a kernel rounds to its operands' type. */
  attribute(x: number): number;
}

/** Low values have the low type; what runs on them must have kernels for it. */
export function storedLow(low: LowType): LowForm {
  return {
    // A constant is rounded here, so that nothing is cast at every run
    lower: (x) =>
      is(x, "Constant")
        ? apply("Constant", [], {
          bytes: lowBytes(low, floats(x)),
          dtype: low,
          shape: x.shape,
        })
        : cast(x, low),
    raise: (x) => cast(x, "float32"),
    result: (x) => x,
    attribute: (x) => x,
  };
}

/**
 * Low values are float32 whose elements the low type could hold: every op computes in float32 and its result is rounded. That is
 * what kernels do that compute in float32 and store low; it needs no kernel but Cast.
 */
export function simulatedLow(low: LowType): LowForm {
  const round = (x: Value) => cast(cast(x, low), "float32");
  return {
    lower: (x) =>
      is(x, "Constant") ? constant("float32", x.shape, roundTo(low, floats(x))) : round(x),
    raise: (x) => x,
    result: round,
    attribute: (x) => roundTo(low, Float32Array.of(x))[0]!,
  };
}

function floats({ attrs: { bytes } }: Value<"Constant">): Float32Array {
  return arrayOver("float32", bytes.slice());
}
