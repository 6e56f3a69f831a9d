/** Files of tensors: safetensors and .npy. */
import { type NpyHeader, parseNpyHeader, readSafetensorsHeader } from "../checkpoint/mod.ts";
import { type DType, type Shape, sizeOf } from "../tensor/mod.ts";
import { FileBytes } from "./file_bytes.ts";

/** A tensor, without its elements. */
export interface TensorOutline {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** A safetensors file. */
export interface SafetensorsInspection {
  readonly kind: "safetensors";
  readonly path: string;
  readonly bytes: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Elements of all tensors. */
  readonly elements: number;
  /** In the order of their bytes. */
  readonly tensors: readonly TensorOutline[];
}

/** A .npy file. */
export interface NpyInspection extends Pick<NpyHeader, "dtype" | "shape"> {
  readonly kind: "npy";
  readonly path: string;
  readonly bytes: number;
  readonly elements: number;
}

/** Longest header that NumPy's version 1 allows, and what comes before it. */
const NPY_HEADER = 10 + 0xffff;

/** Reads the header of a safetensors file. @throws {SyntaxError} if it is none. */
export function inspectSafetensors(path: string): SafetensorsInspection {
  const { metadata, tensors } = readSafetensorsHeader(path);
  const outlines = [...tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  return {
    kind: "safetensors",
    path,
    bytes: Deno.statSync(path).size,
    metadata,
    elements: outlines.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    tensors: outlines,
  };
}

/** Reads the header of a .npy file. @throws {SyntaxError} if it is none of those that are read. */
export function inspectNpy(path: string): NpyInspection {
  using file = new FileBytes(path);
  const start = file.bytes(0, Math.min(file.size, NPY_HEADER));
  const { dtype, shape } = parseNpyHeader(start, file.size);
  return { kind: "npy", path, bytes: file.size, dtype, shape, elements: sizeOf(shape) };
}
