/** Where training starts. */
import { sizeOf } from "../tensor/mod.ts";
import { initialise } from "./initialise.ts";
import type { Parameter } from "./parameters.ts";

/** A parameter's values, as a session takes them. */
export interface ParameterValues {
  readonly dtype: "float32";
  readonly shape: readonly number[];
  /** In row-major order. */
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * The first values of parameters by their names, each as {@linkcode initialise} draws it.
 *
 * @param seed in [0, 2^53).
 *
 * @example
 * ```ts
 * import { initialValues, linearParameters } from "./mod.ts";
 *
 * const values = initialValues(linearParameters("head", 8, 3), 0);
 * console.assert(values["head.weight"]!.data.length === 24);
 * ```
 */
export function initialValues(
  parameters: readonly Parameter[],
  seed: number,
): Record<string, ParameterValues> {
  return Object.fromEntries(parameters.map((parameter) => {
    const { name, shape } = parameter;
    const data = new Float32Array(sizeOf(shape));
    initialise(data, parameter, seed);
    return [name, { dtype: "float32", shape, data }];
  }));
}
