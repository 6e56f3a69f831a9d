/** What a pickle may name and what it then holds: plain containers and descriptions of PyTorch's tensors. */
import type { DType } from "../tensor/mod.ts";

/** A value of a pickle. */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Pickled[]
  | PickledDict
  | PickledObject
  | PickledStorage
  | PickledTensor
  | PickledGlobal;

/** A dictionary, which keeps its order. Keys that are no texts or numbers are refused. */
export class PickledDict {
  readonly entries: Map<string | number, Pickled> = new Map();
}

/** An object of a class in the table that is kept as it is, unopened: such as the options that a program was run with. */
export class PickledObject {
  state: Pickled = null;
  constructor(readonly className: string) {}
}

/** Elements in a member of their own. */
export class PickledStorage {
  constructor(readonly dtype: DType, readonly key: string, readonly elements: number) {}
}

/** A view of a storage, in elements. Nothing of it has been checked against the storage. */
export class PickledTensor {
  constructor(
    readonly storage: PickledStorage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** A name from the table, which stands for itself until it is used. */
export class PickledGlobal {
  constructor(readonly name: string, readonly use: Use) {}
}

/** What using a global makes of its arguments; null if they are not those that it takes. */
export type Use = (args: readonly Pickled[]) => Pickled | null;

/** Most axes of a tensor. */
const MAX_RANK = 16;

/** Element types by the globals that stand for them, which are never called. */
const TYPES = new Map<Use, DType>();

function storageType(dtype: DType): Use {
  const use = () => null;
  TYPES.set(use, dtype);
  return use;
}

/** Element types of PyTorch's storages. */
const STORAGES: Readonly<Record<string, DType>> = {
  FloatStorage: "float32",
  DoubleStorage: "float64",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  ByteStorage: "uint8",
  IntStorage: "int32",
  LongStorage: "int64",
  BoolStorage: "bool",
};

/** All that a pickle may name. */
export const GLOBALS: Readonly<Record<string, Use>> = {
  "torch._utils._rebuild_tensor_v2": rebuildTensor,
  "torch._utils._rebuild_parameter": ([data]) => data instanceof PickledTensor ? data : null,
  "torch.Size": ([axes]) => Array.isArray(axes) ? axes : null,
  "collections.OrderedDict": (args) => args.length === 0 ? new PickledDict() : null,
  "argparse.Namespace": (args) =>
    args.length === 0 ? new PickledObject("argparse.Namespace") : null,
  ...Object.fromEntries(
    Object.entries(STORAGES).map(([name, dtype]) => [`torch.${name}`, storageType(dtype)]),
  ),
};

/** The lists are copied: a pickle can go on to change what it has handed over. */
function rebuildTensor(args: readonly Pickled[]): Pickled | null {
  const [storage, offset, shape, strides] = args;
  const isAxes = (list: Pickled | undefined): list is number[] =>
    Array.isArray(list) && list.length <= MAX_RANK && list.every(isCount);
  return storage instanceof PickledStorage && isCount(offset) && isAxes(shape) && isAxes(strides) &&
      shape.length === strides.length
    ? new PickledTensor(storage, offset, [...shape], [...strides])
    : null;
}

/** True for a whole number >= 0. */
function isCount(value: Pickled | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** The storage that `("storage", type, key, device, elements)` refers to; null if it is not as `torch.save` writes it. */
export function storageOf(id: Pickled): PickledStorage | null {
  if (!Array.isArray(id) || id[0] !== "storage") return null;
  const [, type, key, , elements] = id;
  const dtype = type instanceof PickledGlobal ? TYPES.get(type.use) : undefined;
  return dtype !== undefined && typeof key === "string" && isCount(elements)
    ? new PickledStorage(dtype, key, elements)
    : null;
}
