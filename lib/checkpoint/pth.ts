/**
 * Files of `torch.save` since PyTorch 1.6: a zip archive of a pickle and a member for each storage. The pickle is read as
 * data (see `pickle.ts`); elements are read when they are asked for.
 */
import { crc32 } from "node:zlib";
import { DataError } from "../data/mod.ts";
import { parsePickle } from "./pickle.ts";
import { type Pickled, PickledDict, PickledTensor } from "./pickle_values.ts";
import { checkViews, contiguous, extentOf } from "./strided.ts";
import { readWhole } from "./read_whole.ts";
import type { TensorFile } from "./tensor_file.ts";
import { DTYPES, sizeOf } from "../tensor/mod.ts";
import { readZipMembers, type ZipMember } from "./zip.ts";

/** Longest pickle that is read; a large model's checkpoint with its optimiser takes less than 1 MiB. */
const MAX_PICKLE = 16 << 20;

/** Where a state dict may be within a checkpoint. */
const KEYS = ["model", "state_dict"];

/** An archive, opened. */
interface Archive {
  readonly file: Deno.FsFile;
  readonly path: string;
  readonly members: ReadonlyMap<string, ZipMember>;
  /** The folder that all members lie in, with a slash. */
  readonly root: string;
}

/**
 * Opens a file of `torch.save` that holds a state dict, or a dictionary with one as `model` or `state_dict`. What else is in
 * it (an optimiser, options) is passed over; the entries of the state dict that are no tensors too.
 *
 * @throws {DataError} if it is damaged, names anything but tensors and plain containers, or has tensors that do not lie in
 * their storages, or over each other.
 */
export function openPth(path: string): TensorFile {
  const file = Deno.openSync(path);
  try {
    const archive = openArchive(file, path);
    const tensors = stateDict(archive);
    checkViews(tensors, (key) => memberOf(archive, `data/${key}`), path);
    const infos = [...tensors].map(([name, { storage: { dtype }, shape }]) => {
      return [name, { dtype, shape, bytes: sizeOf(shape) * DTYPES[dtype].bytes }] as const;
    });
    return {
      format: "pth",
      metadata: {},
      tensors: new Map(infos),
      read(name) {
        const tensor = tensors.get(name);
        if (tensor === undefined) {
          throw new RangeError(`Cannot read "${name}": ${path} has no such tensor`);
        }
        return readTensor(archive, tensor);
      },
      [Symbol.dispose]: () => file.close(),
    };
  } catch (error) {
    file.close();
    if (!(error instanceof SyntaxError)) throw error;
    throw new DataError(`${error.message}, in ${path}`, { cause: error });
  }
}

function openArchive(file: Deno.FsFile, path: string): Archive {
  const members = readZipMembers(file, path);
  const roots = [...members.keys()].flatMap((name) => /^([^/]+\/)data\.pkl$/.exec(name)?.[1] ?? []);
  const [root] = roots;
  if (root === undefined || roots.length > 1) {
    throw new DataError(`Cannot read ${path} as a file of torch.save: it has no data.pkl`);
  }
  const archive = { file, path, members, root };
  const order = memberOf(archive, "byteorder");
  if (order !== undefined && text(archive, order) !== "little") {
    throw new DataError(`Cannot read ${path}: it was saved on a big-endian machine`);
  }
  return archive;
}

/** The tensors of the state dict by name. */
function stateDict(archive: Archive): Map<string, PickledTensor> {
  const { path } = archive;
  const member = memberOf(archive, "data.pkl")!;
  if (member.to - member.from > MAX_PICKLE) {
    throw new DataError(
      `Cannot read ${path}: its data.pkl of ${
        member.to - member.from
      } bytes is longer than ${MAX_PICKLE}`,
    );
  }
  const top = parsePickle(bytesOf(archive, member));
  if (!(top instanceof PickledDict)) {
    throw new DataError(`Cannot read ${path}: it holds no dictionary of tensors`);
  }
  const inner = KEYS.map((key) => top.entries.get(key))
    .find((value): value is PickledDict => value instanceof PickledDict);
  const tensors = tensorsOf(inner ?? top);
  if (tensors.size === 0) {
    const keys = [...top.entries.keys()].slice(0, 5).join(", ");
    throw new DataError(
      `Cannot read ${path}: there are no tensors in it, nor in what it has as ${
        KEYS.join(" or ")
      }; ` +
        (keys === "" ? "it is empty" : `its first keys are ${keys}`),
    );
  }
  return tensors;
}

function tensorsOf({ entries }: PickledDict): Map<string, PickledTensor> {
  const isTensor = (entry: [string | number, Pickled]): entry is [string, PickledTensor] => {
    return typeof entry[0] === "string" && entry[1] instanceof PickledTensor;
  };
  return new Map([...entries].filter(isTensor));
}

function readTensor(
  archive: Archive,
  tensor: PickledTensor,
): { dtype: keyof typeof DTYPES; shape: readonly number[]; data: Uint8Array } {
  const { storage: { dtype, key }, shape } = tensor;
  const width = DTYPES[dtype].bytes;
  const member = memberOf(archive, `data/${key}`)!;
  const { from, to } = extentOf(tensor);
  const isWhole = (to - from) * width === member.to - member.from;
  const bytes = isWhole ? bytesOf(archive, member) : bytesOf(archive, {
    ...member,
    from: member.from + from * width,
    to: member.from + to * width,
  });
  if (isWhole && crc32(bytes) !== member.crc) {
    throw new DataError(
      `Cannot read ${archive.path}: the checksum of data/${key} is wrong; the file is damaged`,
    );
  }
  return { dtype, shape, data: contiguous(tensor, bytes) };
}

function memberOf({ members, root }: Archive, name: string): ZipMember | undefined {
  return members.get(root + name);
}

function bytesOf({ file, path }: Archive, { from, to }: ZipMember): Uint8Array {
  const bytes = new Uint8Array(to - from);
  readWhole(file, from, bytes, path);
  return bytes;
}

/** A member of a few bytes. */
function text(archive: Archive, { from, to, crc }: ZipMember): string {
  const short = { from, to: Math.min(to, from + 16), crc };
  return new TextDecoder().decode(bytesOf(archive, short));
}
