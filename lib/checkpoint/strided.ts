/** Views of a storage: whether they lie in it, and their elements in row-major order. */
import { DataError } from "../data/mod.ts";
import { DTYPES, showShape, sizeOf } from "../tensor/mod.ts";
import type { PickledTensor } from "./pickle_values.ts";
import type { ZipMember } from "./zip.ts";

/** The elements of the storage between a view's first and its last, `from <= i < to`. */
export function extentOf({ offset, shape, strides }: PickledTensor): { from: number; to: number } {
  if (sizeOf(shape) === 0) return { from: offset, to: offset };
  const last = shape.reduce((sum, axis, i) => sum + (axis - 1) * strides[i]!, offset);
  return { from: offset, to: last + 1 };
}

/**
 * Checks every view against its storage, and the storages against their members.
 *
 * @throws {DataError} if a storage is not there or of another size, or if a view reaches out of it, holds more elements
 * than lie between its first and last (an expanded one), or lies over another without being the same.
 */
export function checkViews(
  views: ReadonlyMap<string, PickledTensor>,
  memberOf: (key: string) => ZipMember | undefined,
  path: string,
): void {
  const fail = (name: string, what: string) => {
    return new DataError(`Cannot read ${name} of ${path}: ${what}`);
  };
  const places: { name: string; key: string; from: number; to: number; view: string }[] = [];
  for (const [name, tensor] of views) {
    const { storage: { dtype, key, elements }, shape, strides } = tensor;
    const width = DTYPES[dtype].bytes;
    const member = memberOf(key);
    if (member === undefined) throw fail(name, `there is no storage "${key}"`);
    const bytes = member.to - member.from;
    if (bytes !== elements * width) {
      throw fail(name, `storage "${key}" has ${bytes} bytes for ${elements} elements of ${dtype}`);
    }
    const { from, to } = extentOf(tensor);
    const lies = `${showShape(shape)} with strides ${showShape(strides)} from element ${from}`;
    if (to > elements) {
      throw fail(name, `${lies} reaches out of storage "${key}" of ${elements} elements`);
    }
    if (sizeOf(shape) > to - from) {
      throw fail(name, `${lies} has more elements than it covers of storage "${key}"`);
    }
    places.push({ name, key, from: from * width, to: to * width, view: `${dtype} ${lies}` });
  }
  places.sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : a.from - b.from || b.to - a.to);
  let before: typeof places[number] | undefined;
  for (const place of places) {
    if (place.from === place.to) continue;
    const isApart = before === undefined || before.key !== place.key || before.to <= place.from;
    if (!isApart && before!.view !== place.view) {
      throw fail(place.name, `it lies over ${before!.name} in storage "${place.key}"`);
    }
    before = place;
  }
}

/** The elements of the view in row-major order. `bytes` are those of its extent, and are given back where they are. */
export function contiguous(tensor: PickledTensor, bytes: Uint8Array): Uint8Array {
  const { shape, strides, storage } = tensor;
  if (isRowMajor(tensor)) return bytes;
  const width = DTYPES[storage.dtype].bytes;
  const target = new Uint8Array(sizeOf(shape) * width);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let at = 0; at < target.length; at += width) {
    for (let byte = 0; byte < width; byte++) target[at + byte] = bytes[from * width + byte]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return target;
}

function isRowMajor({ shape, strides }: PickledTensor): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}
