import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { parsePickle } from "../../lib/checkpoint/pickle.ts";
import {
  PickledDict,
  PickledObject,
  PickledStorage,
  PickledTensor,
} from "../../lib/checkpoint/pickle_values.ts";
import { call, type Code, dict, global, int, long, pickle, tensor, text, tuple } from "./_pth.ts";

const bytes = (...code: number[]) => Uint8Array.of(...code);

Deno.test("parsePickle() reads what Python writes: numbers, texts, lists, tuples, sets, dictionaries", () => {
  // pickle.dumps({"a": [1, -2, 300, 2.5, None, True], "b": ("x", b"yz"), 3: {4}, "n": 2**70}, protocol=4)
  const python =
    "80049548000000000000007d94288c0161945d94284b014afeffffff4d2c014740040000000000004e" +
    "88658c0162948c0178944302797a9486944b038f94284b04908c016e948a09000000000000000040752e";
  const hex = Uint8Array.from(python.match(/../g)!, (pair) => parseInt(pair, 16));
  const value = parsePickle(hex);
  ok(value instanceof PickledDict);
  deepEqual([...value.entries], [
    ["a", [1, -2, 300, 2.5, null, true]],
    ["b", ["x", bytes(0x79, 0x7a)]],
    [3, [4]],
    ["n", 2n ** 70n],
  ]);
});

Deno.test("parsePickle() describes tensors and takes options as they are", () => {
  const namespace = [
    ...global("argparse", "Namespace"),
    0x29,
    0x81,
    ...dict({ lr: int(1) }),
    0x62,
  ];
  const top = parsePickle(pickle(dict({ w: tensor([2, 3], { offset: 1 }), args: namespace })));
  ok(top instanceof PickledDict);
  const storage = new PickledStorage("float32", "0", 6);
  deepEqual(top.entries.get("w"), new PickledTensor(storage, 1, [2, 3], [3, 1]));
  const args = top.entries.get("args");
  ok(args instanceof PickledObject);
  equal(args.className, "argparse.Namespace");
  ok(args.state instanceof PickledDict);
});

Deno.test("parsePickle() keeps a tensor's shape from being changed after it was checked", () => {
  // The shape is put into the memo, and appended to once the tensor is made
  const id = tuple(
    text("storage"),
    global("torch", "FloatStorage"),
    text("0"),
    text("cpu"),
    int(1),
  );
  const code = [
    ...tuple(int(1)),
    0x71,
    0,
    0x30,
    ...global("torch._utils", "_rebuild_tensor_v2"),
    0x28,
    ...id,
    0x51,
    ...int(0),
    0x68,
    0,
    ...tuple(int(1)),
    0x74,
    0x52,
    0x71,
    1,
    0x30,
    0x68,
    0,
    ...int(9),
    0x61,
    0x30,
    0x68,
    1,
  ];
  const value = parsePickle(pickle(code));
  ok(value instanceof PickledTensor);
  deepEqual(value.shape, [1]);
});

const REJECTED: readonly (readonly [what: string, code: Code | Uint8Array, message: string])[] = [
  [
    "a call of os.system",
    call(global("os", "system"), text("touch /tmp/pwned")),
    "it names os.system, and only tensors and plain containers are read; nothing was run",
  ],
  [
    "a call of builtins.eval by names on the stack",
    [...text("builtins"), ...text("eval"), 0x93, ...tuple(text("1")), 0x52],
    "it names builtins.eval, and only tensors and plain containers are read; nothing was run",
  ],
  [
    "a name of JavaScript's own",
    global("constructor", "prototype"),
    "it names constructor.prototype, and only tensors and plain containers are read; nothing was run",
  ],
  [
    "a module that is a list of lists",
    [...tuple(...Array.from({ length: 3 }, () => tuple(int(1)))), ...text("x"), 0x93],
    "it names something by what is no text",
  ],
  ["a call of a text", call(text("os.system"), text("ls")), "it calls what is no name"],
  [
    "an instruction that makes instances (INST)",
    bytes(0x80, 2, 0x28, 0x69, 0x6f, 0x73, 0x0a, 0x78, 0x0a, 0x2e),
    "instruction 0x69 at 3 is none of those allowed",
  ],
  [
    "a name from the registry of extensions (EXT1)",
    bytes(0x80, 2, 0x82, 1, 0x2e),
    "instruction 0x82 at 2 is none of those allowed",
  ],
  ["protocol 0", bytes(0x80, 0, 0x4e, 0x2e), "it is of protocol 0, and 2 to 5 are read"],
  ["a pickle that is cut", bytes(0x80, 2, 0x4e), "it ends in the middle of an instruction"],
  ["a name that is cut", bytes(0x80, 2, 0x63, 0x6f), "it ends in the middle of a name"],
  [
    "a text longer than the pickle",
    bytes(0x80, 2, 0x8d, 255, 255, 255, 255, 255, 255, 255, 255, 0x2e),
    "it ends in the middle of an instruction",
  ],
  ["an empty stack", bytes(0x80, 2, 0x2e), "it takes a value where there is none"],
  ["values left over", bytes(0x80, 2, 0x4e, 0x4e, 0x2e), "values are left over at its end"],
  [
    "a bracket that is not closed",
    bytes(0x80, 2, 0x28, 0x2e),
    "it takes a value where there is none",
  ],
  [
    "a bracket that is not opened",
    bytes(0x80, 2, 0x74, 0x2e),
    "it closes a bracket that it did not open",
  ],
  [
    "a memo that is not there",
    bytes(0x80, 2, 0x6a, 255, 255, 255, 255, 0x2e),
    "it reads entry 4294967295 of its memo, which is not there",
  ],
  [
    "attributes of a number",
    [...int(1), ...dict({}), 0x62],
    "it gives attributes to what has none",
  ],
  ["an append to a number", [...int(1), ...int(2), 0x61], "it appends to what is no list"],
  ["items of a list", [0x5d, ...int(1), ...int(2), 0x73], "it sets items of what is no dictionary"],
  [
    "a dictionary as a key",
    [0x7d, 0x7d, ...int(2), 0x73],
    "a key of a dictionary is neither a text nor a number",
  ],
  ["a key without a value", [0x7d, 0x28, ...int(2), 0x75], "a key of a dictionary has no value"],
  [
    "a tensor of a negative axis",
    tensor([-1], { elements: 1 }),
    "it uses torch._utils._rebuild_tensor_v2 in a way that is not read",
  ],
  [
    "a tensor of 17 axes",
    tensor(Array.from({ length: 17 }, () => 1)),
    "it uses torch._utils._rebuild_tensor_v2 in a way that is not read",
  ],
  [
    "a tensor without a storage",
    call(global("torch._utils", "_rebuild_tensor_v2"), int(1), int(0), tuple(), tuple()),
    "it uses torch._utils._rebuild_tensor_v2 in a way that is not read",
  ],
  [
    "a dictionary made of a list",
    call(global("collections", "OrderedDict"), [0x5d]),
    "it uses collections.OrderedDict in a way that is not read",
  ],
  [
    "a storage type that is called",
    call(global("torch", "FloatStorage"), int(1 << 30)),
    "it uses torch.FloatStorage in a way that is not read",
  ],
  [
    "a storage of a type that is not read",
    tensor([1], { type: "ComplexFloatStorage" }),
    "it names torch.ComplexFloatStorage, and only tensors and plain containers are read; nothing was run",
  ],
  [
    "a reference to no storage",
    [...tuple(text("module"), long(1n)), 0x51],
    "a reference to a storage is not as torch.save writes it",
  ],
  [
    "instructions without end",
    new Uint8Array((1 << 20) + 8).fill(0x4e),
    "it has more than 1048576 instructions",
  ],
];

for (const [what, code, message] of REJECTED) {
  Deno.test(`parsePickle() rejects ${what}`, () => {
    const whole = code instanceof Uint8Array ? code : pickle(code);
    throws(() => parsePickle(whole), new SyntaxError(`Cannot read as a pickle: ${message}`));
  });
}

Deno.test("parsePickle() does not run into itself: lists in lists, and lists of themselves", () => {
  const deep = new Uint8Array(200_000).fill(0x5d, 0, 100_000).fill(0x61, 100_000);
  deep[199_999] = 0x2e;
  ok(Array.isArray(parsePickle(deep)));
  const [inner] = parsePickle(pickle([0x5d, 0x71, 0, 0x68, 0, 0x61])) as unknown[];
  ok(Array.isArray(inner));
  equal(inner[0], inner);
});
