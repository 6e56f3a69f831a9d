/** Where memory lies and nodes run. `fake` is host memory that the host may not touch, for tests of device code. */
export type Device =
  | { readonly kind: "cpu" }
  | { readonly kind: "cuda"; readonly index: number }
  | { readonly kind: "fake" };

/** The host. */
export const CPU: Device = { kind: "cpu" };

/**
 * `cpu`, `cuda:0` or `fake`.
 *
 * @example
 * ```ts
 * import { parseDevice, showDevice } from "./mod.ts";
 *
 * console.assert(showDevice(parseDevice("cuda")) === "cuda:0");
 * ```
 */
export function showDevice(device: Device): string {
  return device.kind === "cuda" ? `cuda:${device.index}` : device.kind;
}

/**
 * True if both are the same place.
 *
 * @example
 * ```ts
 * import { parseDevice, sameDevice } from "./mod.ts";
 *
 * console.assert(sameDevice(parseDevice("cuda"), parseDevice("cuda:0")));
 * ```
 */
export function sameDevice(a: Device, b: Device): boolean {
  return showDevice(a) === showDevice(b);
}

/**
 * Reads `cpu`, `cuda` (the first GPU) or `cuda:<index>`.
 *
 * @throws {SyntaxError} for anything else.
 *
 * @example
 * ```ts
 * import { parseDevice, showDevice } from "./mod.ts";
 *
 * console.assert(showDevice(parseDevice("cuda:1")) === "cuda:1");
 * ```
 */
export function parseDevice(text: string): Device {
  const match = /^(?:(cpu)|cuda(?::(\d{1,4}))?)$/.exec(text);
  if (match === null) {
    throw new SyntaxError(`Cannot use "${text}" as a device: give cpu, cuda or cuda:<index>`);
  }
  return match[1] === undefined ? { kind: "cuda", index: Number(match[2] ?? 0) } : CPU;
}
