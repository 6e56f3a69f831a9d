/** Applications of every op, for the tests that go through all of them. */
import { apply, type Op, type Ops, type Value } from "../../lib/graph/mod.ts";
import { type DType, random, type Shape, sizeOf, type Stream } from "../../lib/tensor/mod.ts";

/** An operand that the test makes an input for. */
export interface Operand {
  /** Left out: floats of the type that the test chooses. */
  readonly dtype?: DType;
  readonly shape: Shape;
  /** Its elements, drawn if they are a function. */
  readonly elements: readonly number[] | ((stream: Stream) => number);
}

/** A `T` for each of some operands. */
export type Each<Operands extends readonly Value[], T> = {
  readonly [I in keyof Operands]: T;
};

/** One application of op `K`. */
export interface Application<K extends Op> {
  readonly operands: Each<Ops[K]["inputs"], Operand>;
  readonly attrs: Ops[K]["attrs"];
  /** What stands between the inputs and the op. */
  readonly prepare?: (inputs: Ops[K]["inputs"]) => Ops[K]["inputs"];
}

/** The elements of an operand, the same at every call with the same `sample`. */
export function elementsOf({ shape, elements }: Operand, sample: number): number[] {
  if (typeof elements !== "function") return [...elements];
  const stream = random({ seed: 1, purpose: "draw", sample });
  return Array.from({ length: sizeOf(shape) }, () => elements(stream));
}

/** Floats in [low, high), exact in float32. */
function floats(shape: Shape, low = -2, high = 2): Operand {
  return { shape, elements: (stream) => Math.fround(low + (high - low) * stream.uniform()) };
}

/** Floats of either sign at least 1/4 from zero: away from kinks at zero, and from ties with `nearZero`. */
function awayFromZero(shape: Shape): Operand {
  const elements = (stream: Stream) =>
    Math.fround((stream.below(2) * 2 - 1) * (0.25 + stream.uniform()));
  return { shape, elements };
}

const nearZero = (shape: Shape): Operand => floats(shape, -0.125, 0.125);

/** Multiples of 1/64 of the type `dtype`: sums and products of a few are exact in float32. */
function dyadic(dtype: DType, shape: Shape): Operand {
  return { dtype, shape, elements: (stream) => stream.below(256) / 64 - 2 };
}

function integers(shape: Shape, elements: readonly number[], dtype: DType = "int64"): Operand {
  return { dtype, shape, elements };
}

function bools(shape: Shape): Operand {
  return { dtype: "bool", shape, elements: (stream) => stream.below(2) };
}

/** Pairs of shapes that broadcast: equal, scalar, leading axes, inner axes, both ways. */
const BROADCASTS: readonly (readonly [Shape, Shape])[] = [
  [[2, 3], [2, 3]],
  [[2, 3], []],
  [[], [2, 3]],
  [[2, 2, 3], [3]],
  [[3], [2, 2, 3]],
  [[2, 1, 3], [4, 1]],
  [[1, 3], [2, 1]],
  [[2, 3, 2], [1, 3, 1]],
];

type Binary = Application<"Add">;
type Some<T> = readonly [T, ...T[]];
const some = <T>(items: readonly T[]): Some<T> => items as Some<T>;

const unary = (operand: (shape: Shape) => Operand): Some<Application<"Neg">> => [
  { operands: [operand([2, 3])], attrs: {} },
  { operands: [operand([])], attrs: {} },
];

const binary = (
  a: (shape: Shape) => Operand = floats,
  b: (shape: Shape) => Operand = a,
): Some<Binary> =>
  some(BROADCASTS.map(([left, right]): Binary => ({ operands: [a(left), b(right)], attrs: {} })));

const positive = (shape: Shape) => floats(shape, 0.5, 2);
const pair = (first: Operand, second: Operand) => [first, second] as const;

const flag = [false, true] as const;

/** Every transposition, scaled or not, over each kind of leading axes. */
function matrixProducts(): Some<Application<"MatMul">> {
  const leading: readonly (readonly [Shape, Shape])[] = [
    [[], []],
    [[2, 2], [2, 2]],
    [[2], []], // a weight
    [[2, 2], []],
    [[], [2]],
    [[2, 1], [3]],
    [[1], [2]],
  ];
  const applications = leading.flatMap(([a, b]) =>
    flag.flatMap((transA) =>
      flag.flatMap((transB) =>
        [1, 0.375].map((alpha): Application<"MatMul"> => ({
          operands: [
            floats([...a, ...(transA ? [4, 3] : [3, 4])]),
            floats([...b, ...(transB ? [2, 4] : [4, 2])]),
          ],
          attrs: { transA, transB, alpha },
        }))
      )
    )
  );
  return some(applications);
}

function reductions(): Some<Application<"ReduceSum">> {
  const axes = [[0], [1], [-1], [0, 2], [1, 2], [0, 1, 2], [-3, -1]];
  return some(axes.flatMap((list) =>
    flag.map((keepDims): Application<"ReduceSum"> => ({
      operands: [floats([2, 3, 4])],
      attrs: { axes: list, keepDims },
    }))
  ));
}

/** Three axes, counted from the front and from the back. */
function alongAxes<T>(make: (axis: number) => T): Some<T> {
  return some([0, 1, 2, -1, -2].map(make));
}

/** The size of `axis` in the shape `[2, 3, 4]`. */
const sizeAlong = (axis: number) => [2, 3, 4].at(axis)!;
const resized = (axis: number, size: number) =>
  [2, 3, 4].map((n, i) => i === (axis + 3) % 3 ? size : n);

/** The cases: an op without one does not compile. */
export const CASES: { readonly [K in Op]: Some<Application<K>> } = {
  Input: [{ operands: [], attrs: { name: "given", dtype: "float32", shape: [2, 3] } }],
  Constant: [{
    operands: [],
    attrs: {
      bytes: new Uint8Array(Float32Array.of(1, -2, 3).buffer),
      dtype: "float32",
      shape: [3],
    },
  }],

  Neg: unary(floats),
  Sqrt: unary(positive),
  Exp: unary(floats),
  Log: unary(positive),
  Erf: unary(floats),
  Floor: unary(awayFromZero),
  Abs: unary(awayFromZero),
  Relu: unary(awayFromZero),
  Gelu: [
    { operands: [floats([2, 3])], attrs: {} },
    { operands: [floats([])], attrs: {} },
    { operands: [{ shape: [6], elements: [-4, -1.5, -0.125, 0, 0.75, 4] }], attrs: {} },
  ],
  Cast: [
    { operands: [dyadic("float64", [2, 3])], attrs: { to: "float32" } },
    { operands: [dyadic("float32", [2, 3])], attrs: { to: "float64" } },
    { operands: [integers([3], [0, 7, 255], "uint8")], attrs: { to: "float32" } },
    { operands: [integers([3], [0, 7, -9])], attrs: { to: "float32" } },
    { operands: [bools([4])], attrs: { to: "float32" } },
  ],
  StopGradient: unary(floats),
  Segment: some([{ operands: [floats([2, 3]), integers([2], [0, 1])], attrs: {} }]),
  Add: binary(),
  Sub: binary(),
  Mul: binary(),
  Div: binary(floats, awayFromZero),
  Min: binary(awayFromZero, nearZero),
  Max: binary(awayFromZero, nearZero),
  Less: binary(),
  Equal: some([
    ...binary(),
    { operands: pair(integers([4], [1, 2, 3, 4]), integers([2, 1], [2, 4])), attrs: {} },
  ]),
  And: binary(bools),
  Where: some([
    ...BROADCASTS.map(([a, b]): Application<"Where"> => ({
      operands: [bools([2, 1]), floats(a), floats(b)],
      attrs: {},
    })).filter((_, i) => ![5, 7].includes(i)),
    { operands: [bools([2, 2, 3]), floats([3]), floats([])], attrs: {} },
    { operands: [bools([]), floats([2, 1]), floats([3])], attrs: {} },
  ]),

  MatMul: matrixProducts(),

  ReduceSum: reductions(),
  ReduceMax: reductions(),
  Softmax: [
    { operands: [floats([2, 3, 4])], attrs: {} },
    { operands: [floats([5])], attrs: {} },
  ],
  LogSoftmax: [
    { operands: [floats([2, 3, 4])], attrs: {} },
    { operands: [floats([5])], attrs: {} },
  ],
  LayerNormalization: some(
    [1e-6, 0.125].flatMap((epsilon) =>
      [[2, 3, 4], [3, 4]].map((shape): Application<"LayerNormalization"> => ({
        operands: [floats(shape), floats([4]), floats([4])],
        attrs: { epsilon },
      }))
    ),
  ),

  Reshape: some([[6], [3, 2], [1, 2, 1, 3], [2, 3]].map((shape): Application<"Reshape"> => ({
    operands: [floats([2, 3])],
    attrs: { shape },
  }))),
  Transpose: some(
    [[0, 1, 2], [2, 0, 1], [1, 2, 0], [0, 2, 1]].map((perm): Application<"Transpose"> => ({
      operands: [floats([2, 3, 4])],
      attrs: { perm },
    })),
  ),
  Expand: some(
    ([[[], [2, 3]], [[3], [2, 3]], [[2, 1], [2, 3]], [[1, 3, 1], [2, 3, 2]]] as const)
      .map(([from, shape]): Application<"Expand"> => ({
        operands: [floats(from)],
        attrs: { shape },
      })),
  ),
  Concat: some([
    { operands: [floats([2, 3])], attrs: { axis: 0 } },
    ...alongAxes((axis): Application<"Concat"> => ({
      operands: [floats([2, 3, 4]), floats(resized(axis, 1)), floats(resized(axis, 2))],
      attrs: { axis },
    })),
  ]),
  Split: alongAxes((axis): Application<"Split"> => ({
    operands: [floats([2, 3, 4])],
    attrs: { axis, sizes: [1, sizeAlong(axis) - 1] },
  })),
  Slice: some([
    ...alongAxes((axis): Application<"Slice"> => ({
      operands: [floats([2, 3, 4])],
      attrs: { axis, start: 1, end: sizeAlong(axis) },
    })),
    { operands: [floats([5, 2])], attrs: { axis: 0, start: 1, end: 3 } },
    { operands: [floats([5, 2])], attrs: { axis: 0, start: 0, end: 5 } },
  ]),
  Pad: alongAxes((axis): Application<"Pad"> => ({
    operands: [floats([2, 3, 4])],
    attrs: { axis, before: 1, after: 2 },
  })),

  Smallest: [
    { operands: [floats([2, 3, 5])], attrs: { k: 5 } },
    { operands: [floats([2, 5])], attrs: { k: 2 } },
    { operands: [{ shape: [6], elements: [2, 1, 2, 1, 0, 2] }], attrs: { k: 6 } },
  ],
  PermuteRows: [
    {
      operands: [floats([2, 4, 3]), integers([2, 4], [2, 0, 3, 1, 1, 2, 3, 0])],
      attrs: {},
    },
    { operands: [floats([1, 3, 1]), integers([1, 3], [2, 0, 1])], attrs: {} },
  ],
  Gather: [
    { operands: [floats([4, 3]), integers([2, 3], [0, 2, 2, 3, 0, 2])], attrs: {} },
    { operands: [floats([4, 3]), integers([], [1])], attrs: {} },
  ],

  Part: some([0, 1, 2].map((index): Application<"Part"> => ({
    operands: [floats([2, 6])],
    attrs: { index },
    prepare: ([x]) => [apply("Split", [x], { axis: 1, sizes: [1, 2, 3] })],
  }))),

  MultiHeadAttention: [
    {
      operands: [floats([2, 3, 4]), floats([2, 5, 4]), floats([2, 5, 4])],
      attrs: { heads: 2, scale: 0.75 },
    },
    {
      operands: [floats([1, 2, 6]), floats([1, 2, 6]), floats([1, 2, 6])],
      attrs: { heads: 1, scale: 0.5 },
    },
  ],
  BiasGelu: [
    { operands: [floats([2, 3, 4]), floats([4])], attrs: {} },
    { operands: [floats([5]), floats([5])], attrs: {} },
  ],
};

/** Names of all ops. */
export const OPS = Object.keys(CASES) as Op[];

/** An application built: its value, its inputs, and elements for them by name. */
export interface Built {
  readonly value: Value;
  readonly inputs: readonly Value<"Input">[];
  readonly elements: Readonly<Record<string, number[]>>;
}

/** Builds application `index` of `op` over inputs of its own, with floats of type `float`. */
export function build<K extends Op>(op: K, index: number, float: DType): Built {
  const applications: readonly Application<K>[] = CASES[op];
  const { attrs, prepare, ...application } = applications[index]!;
  const operands: readonly Operand[] = application.operands;
  const inputs = operands.map(({ dtype, shape }, j) =>
    apply("Input", [], { name: `${op} ${index} ${j}`, dtype: dtype ?? float, shape })
  );
  const elements = operands.map((operand, j) =>
    [inputs[j]!.attrs.name, elementsOf(operand, 100 * index + j)] as const
  );
  const given = inputs as unknown as Ops[K]["inputs"];
  const value = apply(op, prepare ? prepare(given) : given, attrs) as Value;
  if (value.op === "Input") {
    const { name } = (value as Value<"Input">).attrs;
    elements.push([name, elementsOf(floats(value.shape), index)]);
  }
  return { value, inputs, elements: Object.fromEntries(elements) };
}
