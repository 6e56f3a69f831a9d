import { deepEqual, equal, throws } from "node:assert/strict";
import { openTensorFile } from "../../lib/checkpoint/mod.ts";
import { arrayOver } from "../../lib/tensor/mod.ts";
import { withFile } from "../_folder.ts";
import { call, type Code, dict, floats, global, int, members, tensor, text, zip } from "./_pth.ts";

/** The numbers of every tensor of the file. */
function numbers(path: string): Record<string, number[]> {
  using file = openTensorFile(path);
  equal(file.format, "pth");
  return Object.fromEntries(
    [...file.tensors.keys()].map((name) => {
      return [name, [...arrayOver("float32", file.read(name).data)]];
    }),
  );
}

const SIX = { 0: floats(0, 1, 2, 3, 4, 5) };
const w = tensor([2, 3]);

Deno.test("openTensorFile() reads torch.save's plain, `model` and `state_dict` forms", () => {
  const rest = { epoch: int(3), optimizer: dict({ state: dict({}) }), names: text("x") };
  for (
    const [form, zip64] of [
      [dict({ w, ...rest }), false],
      [dict({ model: dict({ w }), ...rest }), false],
      [dict({ state_dict: dict({ w }) }), true],
    ] as const
  ) {
    withFile(zip(members(form, SIX), { zip64 }), (path) => {
      deepEqual(numbers(path), { w: [0, 1, 2, 3, 4, 5] });
      using file = openTensorFile(path);
      deepEqual(file.tensors.get("w"), { dtype: "float32", shape: [2, 3], bytes: 24 });
      throws(() => file.read("v"), {
        name: "RangeError",
        message: `Cannot read "v": ${path} has no such tensor`,
      });
    });
  }
});

Deno.test("openTensorFile() reads views: parts, transposes, parameters, the same view twice", () => {
  const parameter = call(global("torch._utils", "_rebuild_parameter"), w, [0x88], [0x7d]);
  for (
    const [code, expected] of [
      [tensor([3, 2], { strides: [1, 3] }), [0, 3, 1, 4, 2, 5]],
      [tensor([2], { elements: 6, offset: 3 }), [3, 4]],
      [tensor([3], { elements: 6, offset: 1, strides: [2] }), [1, 3, 5]],
      [tensor([1, 3, 1, 2], { strides: [9, 1, 9, 3] }), [0, 3, 1, 4, 2, 5]],
      [tensor([], { elements: 6, offset: 5 }), [5]],
      [tensor([0, 4], { elements: 6 }), []],
      [parameter, [0, 1, 2, 3, 4, 5]],
    ] as const
  ) {
    withFile(zip(members(dict({ w: code }), SIX)), (path) => {
      deepEqual(numbers(path), { w: expected });
    });
  }
  const parts = {
    a: tensor([2], { elements: 6 }),
    b: tensor([4], { elements: 6, offset: 2 }),
    c: tensor([2], { elements: 6 }),
  };
  withFile(zip(members(dict(parts), SIX)), (path) => {
    deepEqual(numbers(path), { a: [0, 1], b: [2, 3, 4, 5], c: [0, 1] });
  });
});

Deno.test("openTensorFile() reads every element type that torch.save has for weights", () => {
  for (
    const [type, dtype, width] of [
      ["DoubleStorage", "float64", 8],
      ["HalfStorage", "float16", 2],
      ["BFloat16Storage", "bfloat16", 2],
      ["ByteStorage", "uint8", 1],
      ["IntStorage", "int32", 4],
      ["LongStorage", "int64", 8],
      ["BoolStorage", "bool", 1],
    ] as const
  ) {
    const data = Uint8Array.from({ length: 2 * width }, (_, i) => i);
    const file = zip(members(dict({ w: tensor([2], { type }) }), { 0: data }));
    withFile(file, (path) => {
      using opened = openTensorFile(path);
      deepEqual(opened.read("w"), { dtype, shape: [2], data });
    });
  }
});

const one = (code: Code) => dict({ w: code });
const REJECTED: readonly (readonly [what: string, code: Code, message: string])[] = [
  [
    "a pickle that calls something",
    dict({ w, x: call(global("posix", "system"), text("ls")) }),
    "Cannot read as a pickle: it names posix.system, and only tensors and plain containers are read; nothing was run",
  ],
  [
    "a tensor that reaches out of its storage",
    one(tensor([2, 3], { elements: 6, offset: 1 })),
    `Cannot read w of PATH: [2, 3] with strides [3, 1] from element 1 reaches out of storage "0" of 6 elements`,
  ],
  [
    "strides that reach out of the storage",
    one(tensor([2, 3], { elements: 6, strides: [2 ** 40, 1] })),
    `Cannot read w of PATH: [2, 3] with strides [1099511627776, 1] from element 0 reaches out of storage "0" of 6 elements`,
  ],
  [
    "a shape whose product no number holds",
    one(tensor([2 ** 50, 2 ** 50], { elements: 6, strides: [2 ** 50, 2 ** 50] })),
    `Cannot read w of PATH: [1125899906842624, 1125899906842624] with strides [1125899906842624, 1125899906842624] ` +
    `from element 0 reaches out of storage "0" of 6 elements`,
  ],
  [
    "an expanded tensor",
    one(tensor([2 ** 40, 6], { elements: 6, strides: [0, 1] })),
    `Cannot read w of PATH: [1099511627776, 6] with strides [0, 1] from element 0 has more elements than it covers of ` +
    `storage "0"`,
  ],
  [
    "a storage of another size than its member",
    one(tensor([7])),
    `Cannot read w of PATH: storage "0" has 24 bytes for 7 elements of float32`,
  ],
  [
    "a storage that is not there",
    one(tensor([6], { key: "../0" })),
    `Cannot read w of PATH: there is no storage "../0"`,
  ],
  [
    "tensors that lie over each other",
    dict({ a: tensor([4], { elements: 6 }), b: tensor([3], { elements: 6, offset: 3 }) }),
    `Cannot read b of PATH: it lies over a in storage "0"`,
  ],
  [
    "tensors that lie over each other, with an empty one between",
    dict({
      a: tensor([4], { elements: 6 }),
      e: tensor([0], { elements: 6, offset: 2 }),
      b: tensor([3], { elements: 6, offset: 3 }),
    }),
    `Cannot read b of PATH: it lies over a in storage "0"`,
  ],
  ["a tensor alone", w, "Cannot read PATH: it holds no dictionary of tensors"],
  [
    "a dictionary without tensors",
    dict({ model: dict({ a: int(1) }), epoch: int(1) }),
    "Cannot read PATH: there are no tensors in it, nor in what it has as model or state_dict; its first keys are " +
    "model, epoch",
  ],
];

for (const [what, code, message] of REJECTED) {
  Deno.test(`openTensorFile() rejects ${what}`, () => {
    withFile(zip(members(code, SIX)), (path) => {
      throws(() => openTensorFile(path), (error: Error) => {
        equal(error.name, "DataError");
        equal(error.message.replace(`, in ${path}`, "").replace(path, "PATH"), message);
        return true;
      });
    });
  });
}

Deno.test("openTensorFile() rejects storages whose checksum is wrong, when they are read", () => {
  withFile(zip(members(one(w), SIX), { crc: 1 }), (path) => {
    using file = openTensorFile(path);
    throws(() => file.read("w"), {
      name: "DataError",
      message: `Cannot read ${path}: the checksum of data/0 is wrong; the file is damaged`,
    });
  });
});

Deno.test("openTensorFile() rejects the format before PyTorch 1.6, big-endian files and other archives", () => {
  const magic = [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
  withFile(Uint8Array.of(...magic, 0x2e, 0x80), (path) => {
    throws(() => openTensorFile(path), {
      name: "DataError",
      message:
        `Cannot read ${path}: it is in the format of PyTorch before 1.6; save it again in today's with ` +
        `torch.save(torch.load(path, map_location="cpu"), path)`,
    });
  });
  const bigEndian = members(one(w), SIX)
    .map(([name, data]) =>
      [name, name === "x/byteorder" ? new TextEncoder().encode("big") : data] as const
    );
  withFile(zip(bigEndian), (path) => {
    throws(() => openTensorFile(path), {
      message: `Cannot read ${path}: it was saved on a big-endian machine`,
    });
  });
  withFile(zip([["readme.txt", floats(1)]]), (path) => {
    throws(() => openTensorFile(path), {
      message: `Cannot read ${path} as a file of torch.save: it has no data.pkl`,
    });
  });
  throws(() => openTensorFile("/nowhere/at/all.pth"), {
    name: "DataError",
    message: "Cannot read /nowhere/at/all.pth: there is no such file",
  });
});
