/** In which types a run computes, and where each can be had. */
import { ConfigError, type DeviceName, type Precision } from "./config.ts";

/** Why the CPU cannot. */
const NOT_ON_CPU: { readonly [K in Exclude<Precision, "float32">]: string } = {
  tf32: "TF32 is a mode of a GPU's matrix units",
  bfloat16:
    "ONNX Runtime's CPU provider has almost no bfloat16 kernels, its matrix product included",
  float16: "ONNX Runtime's CPU provider has almost no float16 kernels",
};

/**
 * The precision that an option means on `device`; float32 if it says none.
 *
 * @throws {ConfigError} if the device has it not.
 *
 * @example
 * ```ts
 * import { resolvePrecision } from "./mod.ts";
 *
 * console.assert(resolvePrecision(undefined, "cpu") === "float32");
 * ```
 */
export function resolvePrecision(option: Precision | undefined, device: DeviceName): Precision {
  const precision = option ?? "float32";
  if (precision === "float32" || device !== "cpu") return precision;
  throw new ConfigError(
    `Cannot train with --precision ${precision} on the CPU: ${NOT_ON_CPU[precision]}; ` +
      "take a GPU (--device cuda) or float32",
  );
}
