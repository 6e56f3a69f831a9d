/** How far tensors lie apart, group by group. */
import { arrayOver, sizeOf } from "../../lib/tensor/mod.ts";
import type { StoredTensor } from "../../lib/checkpoint/mod.ts";

/** One compared group of tensors. */
export interface Comparison {
  readonly group: string;
  /** The largest difference in the group, in the unit of the tolerance. */
  readonly difference: number;
  readonly tolerance: number;
  readonly unit: string;
  /** The tensor with the largest difference. */
  readonly worst: string;
  readonly tensors: number;
  readonly holds: boolean;
}

/** Adds up one group's differences. */
export class Group {
  #worst = { difference: 0, name: "-" };
  #count = 0;

  constructor(
    readonly group: string,
    readonly tolerance: number,
    readonly unit: string,
  ) {}

  add(name: string, difference: number): void {
    this.#count++;
    // NaN must not pass for small
    if (!(difference <= this.#worst.difference)) this.#worst = { difference, name };
  }

  get comparison(): Comparison {
    const { group, tolerance, unit } = this;
    const { difference, name: worst } = this.#worst;
    const holds = this.#count > 0 && difference <= tolerance;
    return { group, difference, tolerance, unit, worst, tensors: this.#count, holds };
  }
}

/** Parameters after steps of AdamW, in units of the distance that it can have moved them. */
export class MovedParameters {
  readonly rms: Group;
  readonly far: Group;
  readonly #distance: number;

  constructor({ steps, lr }: { readonly steps: number; readonly lr: number }) {
    this.#distance = steps * lr;
    this.rms = new Group(`after ${steps} steps, RMS`, 0.002, `of ${steps} lr`);
    this.far = new Group(`after ${steps} steps, far elements`, 0.001, `beyond 2% of ${steps} lr`);
  }

  /** Adds a parameter whose learning rate is `scale` times the others'. */
  add(name: string, found: Float64Array, wanted: Float64Array, scale = 1): void {
    const distance = this.#distance * scale;
    const difference = differences(found, wanted, name);
    this.rms.add(name, Math.sqrt(mean(difference.map((d) => d * d))) / distance);
    this.far.add(name, mean(difference.map((d) => Math.abs(d) > 0.02 * distance ? 1 : 0)));
  }
}

/** The elements of a tensor, whatever their type. @throws {RangeError} without one. */
export function values(tensor: StoredTensor | undefined): Float64Array {
  if (tensor === undefined) {
    throw new RangeError("Cannot compare: the reference has no such tensor");
  }
  const array = arrayOver(tensor.dtype, tensor.data.slice());
  return Float64Array.from({ length: sizeOf(tensor.shape) }, (_, i) => Number(array[i]));
}

/** Length of the difference over the length wanted. */
export function relativeL2(found: Float64Array, wanted: Float64Array): number {
  const difference = found.map((x, i) => x - wanted[i]!);
  return norm(difference) / norm(wanted);
}

/** Of the angle between two vectors that come in parts. */
export function cosine(parts: readonly (readonly [Float64Array, Float64Array])[]): number {
  const dot = (i: 0 | 1, j: 0 | 1) =>
    parts.reduce((sum, part) => part[i].reduce((s, x, k) => s + x * part[j][k]!, sum), 0);
  return dot(0, 1) / Math.sqrt(dot(0, 0) * dot(1, 1));
}

/**
 * Element by element, without the key third of `qkv.bias`: its gradient is zero in exact arithmetic, and rounding
 * noise that AdamW turns into whole steps in a reference that computes it.
 */
function differences(found: Float64Array, wanted: Float64Array, name: string): Float64Array {
  const all = found.map((x, i) => x - wanted[i]!);
  if (!name.endsWith("qkv.bias")) return all;
  const third = all.length / 3;
  return Float64Array.of(...all.subarray(0, third), ...all.subarray(2 * third));
}

function norm(x: Float64Array): number {
  return Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
}

function mean(x: Float64Array): number {
  return x.reduce((sum, value) => sum + value, 0) / x.length;
}
