/** A literal interpreter of graphs in float64: slow, plain, and independent of ONNX Runtime. */
import { type Op, type Ops, topological, type Value } from "../../lib/graph/mod.ts";
import { arrayOver, axisOf, broadcastShapes, type Shape, sizeOf } from "../../lib/tensor/mod.ts";
import type { Numbers } from "../_run.ts";
import type { Each } from "./_cases.ts";

/** A tensor of numbers, row-major. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Numbers;
}

type Index = readonly number[];

/** The tensor with `element(index)` at every index. */
function generate(shape: Shape, element: (index: Index) => number): Tensor {
  const data = Array.from({ length: sizeOf(shape) }, (_, flat) => {
    const index = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = flat % shape[axis]!;
      flat = Math.floor(flat / shape[axis]!);
    }
    return element(index);
  });
  return { shape, data };
}

/** The element at `index`; leading axes may be too many, and an axis of size 1 repeats. */
function at({ shape, data }: Tensor, index: Index): number {
  const own = index.slice(index.length - shape.length);
  return data[shape.reduce((flat, size, i) => flat * size + (size === 1 ? 0 : own[i]!), 0)]!;
}

const sum = (length: number, term: (i: number) => number) => {
  let total = 0;
  for (let i = 0; i < length; i++) total += term(i);
  return total;
};

/** erf(x) = 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (2n+1)!! (Abramowitz and Stegun 7.1.6). */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x, total = x;
  for (let n = 1; Math.abs(term) > 1e-18; n++) total += term *= 2 * x * x / (2 * n + 1);
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * total;
}

/** Operands (the first output of each), attributes, and all outputs of each operand -> all outputs. */
type Reference<K extends Op> = (
  operands: Each<Ops[K]["inputs"], Tensor>,
  attrs: Ops[K]["attrs"],
  outputs: readonly (readonly Tensor[])[],
) => Tensor[];

const elementwise = (f: (x: number) => number) => ([x]: readonly [Tensor]) => [
  generate(x.shape, (i) => f(at(x, i))),
];

const broadcast = (f: (a: number, b: number) => number) => ([a, b]: readonly [Tensor, Tensor]) => [
  generate(broadcastShapes(a.shape, b.shape), (i) => f(at(a, i), at(b, i))),
];

/** Folds the elements along some axes. */
const reduce =
  (fold: (elements: number[]) => number) =>
  ([x]: readonly [Tensor], attrs: Ops["ReduceSum"]["attrs"]): Tensor[] => {
    const { shape } = x;
    const axes = attrs.axes.map((axis) => axisOf(shape, axis));
    const kept = shape.map((n, i) => axes.includes(i) ? 1 : n);
    const reduced = shape.map((n, i) => axes.includes(i) ? n : 1);
    const { data } = generate(
      kept,
      (i) => fold(Array.from(generate(reduced, (j) => at(x, i.map((n, k) => n + j[k]!))).data)),
    );
    return [{ data, shape: attrs.keepDims ? kept : shape.filter((_, i) => !axes.includes(i)) }];
  };

/** Applies a function to every row of the last axis. */
function rows(x: Tensor, f: (row: number[]) => number[]): Tensor {
  const width = x.shape.at(-1)!;
  const data = Array.from(x.data);
  const result: number[] = [];
  for (let i = 0; i < data.length; i += width) result.push(...f(data.slice(i, i + width)));
  return { shape: [...x.shape.slice(0, -1), result.length / (data.length / width)], data: result };
}

function softmax(row: number[]): number[] {
  const powers = row.map((x) => Math.exp(x - Math.max(...row)));
  return powers.map((x) => x / sum(row.length, (i) => powers[i]!));
}

const shifted = (index: Index, axis: number, by: number) =>
  index.map((n, i) => i === axis ? n + by : n);
const resized = (shape: Shape, axis: number, size: number) =>
  shape.map((n, i) => i === axis ? size : n);

const TRUNCATED = ["uint8", "int32", "int64"];

const REFERENCE: { readonly [K in Op]: Reference<K> } = {
  Input: () => [],
  Constant: (_, { dtype, shape, bytes }) => [
    { shape, data: Array.from(arrayOver(dtype, bytes.slice()) as ArrayLike<number>, Number) },
  ],

  Neg: elementwise((x) => -x),
  Sqrt: elementwise(Math.sqrt),
  Exp: elementwise(Math.exp),
  Log: elementwise(Math.log),
  Erf: elementwise(erf),
  Floor: elementwise(Math.floor),
  Abs: elementwise(Math.abs),
  Relu: elementwise((x) => x > 0 ? x : 0),
  Gelu: elementwise((x) => x * (1 + erf(x / Math.SQRT2)) / 2),
  Cast: (operands, { to }) => {
    if (to === "bool") return elementwise((x) => Number(x !== 0))(operands);
    if (to === "float32") return elementwise(Math.fround)(operands);
    return elementwise((x) => TRUNCATED.includes(to) ? Math.trunc(x) : x)(operands);
  },
  StopGradient: elementwise((x) => x),
  Segment: ([y]) => [y],
  Add: broadcast((a, b) => a + b),
  Sub: broadcast((a, b) => a - b),
  Mul: broadcast((a, b) => a * b),
  Div: broadcast((a, b) => a / b),
  Min: broadcast(Math.min),
  Max: broadcast(Math.max),
  Less: broadcast((a, b) => Number(a < b)),
  Equal: broadcast((a, b) => Number(a === b)),
  And: broadcast((a, b) => Number(a !== 0 && b !== 0)),
  Where: ([condition, a, b]) => {
    const shape = broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape));
    return [generate(shape, (i) => at(condition, i) ? at(a, i) : at(b, i))];
  },

  MatMul: ([a, b], { transA, transB, alpha }) => {
    const [m, k] = transA ? [a.shape.at(-1)!, a.shape.at(-2)!] : a.shape.slice(-2);
    const n = b.shape.at(transB ? -2 : -1)!;
    const leading = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return [generate([...leading, m!, n], (index) => {
      const batch = index.slice(0, -2);
      const [row, column] = index.slice(-2) as [number, number];
      return alpha * sum(k!, (i) =>
        at(a, [...batch, ...(transA ? [i, row] : [row, i])]) *
        at(b, [...batch, ...(transB ? [column, i] : [i, column])]));
    })];
  },

  ReduceSum: reduce((xs) => sum(xs.length, (i) => xs[i]!)),
  ReduceMax: reduce((xs) => Math.max(...xs)),
  Softmax: ([x]) => [rows(x, softmax)],
  LogSoftmax: ([x]) => [rows(x, (row) => softmax(row).map(Math.log))],
  LayerNormalization: ([x, scale, bias], { epsilon }) => {
    const mean = (row: number[]) => sum(row.length, (i) => row[i]!) / row.length;
    const inverse = (row: number[]) =>
      1 / Math.sqrt(sum(row.length, (i) => (row[i]! - mean(row)) ** 2) / row.length + epsilon);
    return [
      rows(
        x,
        (row) => row.map((e, i) => (e - mean(row)) * inverse(row) * scale.data[i]! + bias.data[i]!),
      ),
      rows(x, (row) => [mean(row)]),
      rows(x, (row) => [inverse(row)]),
    ];
  },

  Reshape: ([x], { shape }) => [{ shape, data: x.data }],
  Transpose: ([x], { perm }) => [
    generate(perm.map((axis) => x.shape[axis]!), (index) => {
      const source = perm.map(() => 0);
      perm.forEach((axis, i) => source[axis] = index[i]!);
      return at(x, source);
    }),
  ],
  Expand: ([x], { shape }) => [generate(shape, (i) => at(x, i))],
  Concat: (parts, { axis }) => {
    const along = axisOf(parts[0].shape, axis);
    const total = sum(parts.length, (i) => parts[i]!.shape[along]!);
    return [generate(resized(parts[0].shape, along, total), (index) => {
      let start = 0;
      for (const part of parts) {
        const size = part.shape[along]!;
        if (index[along]! < start + size) return at(part, shifted(index, along, -start));
        start += size;
      }
      throw new RangeError("beyond the last part");
    })];
  },
  Split: ([x], { axis, sizes }) => {
    const along = axisOf(x.shape, axis);
    return sizes.map((size, i) => {
      const start = sum(i, (j) => sizes[j]!);
      return generate(resized(x.shape, along, size), (j) => at(x, shifted(j, along, start)));
    });
  },
  Slice: ([x], { axis, start, end }) => {
    const along = axisOf(x.shape, axis);
    return [
      generate(resized(x.shape, along, end - start), (i) => at(x, shifted(i, along, start))),
    ];
  },
  Pad: ([x], { axis, before, after }) => {
    const along = axisOf(x.shape, axis);
    const size = x.shape[along]!;
    return [generate(resized(x.shape, along, before + size + after), (i) => {
      const place = i[along]! - before;
      return place >= 0 && place < size ? at(x, shifted(i, along, -before)) : 0;
    })];
  },

  Smallest: ([x], { k }) => {
    const places = (row: number[]) =>
      row.map((_, i) => i).sort((i, j) => row[i]! - row[j]! || i - j).slice(0, k);
    return [rows(x, (row) => places(row).map((i) => row[i]!)), rows(x, places)];
  },
  PermuteRows: ([x, order]) => [
    generate(x.shape, ([b, n, d]) => at(x, [b!, at(order, [b!, n!]), d!])),
  ],
  Gather: ([table, ids]) => [
    generate([...ids.shape, table.shape[1]!], (index) => {
      return at(table, [at(ids, index.slice(0, -1)), index.at(-1)!]);
    }),
  ],

  Part: (_, { index }, [outputs]) => [outputs![index]!],

  BiasGelu: ([x, bias]) => [
    generate(x.shape, (index) => {
      const sum = at(x, index) + at(bias, [index.at(-1)!]);
      return sum * (1 + erf(sum / Math.SQRT2)) / 2;
    }),
  ],
  MultiHeadAttention: ([q, k, v], { heads, scale }) => {
    const size = q.shape[2]! / heads;
    const M = k.shape[1]!;
    return [generate(q.shape, ([b, n, d]) => {
      const first = Math.floor(d! / size) * size; // column where the head begins
      const scores = Array.from({ length: M }, (_, m) =>
        scale *
        sum(size, (i) => at(q, [b!, n!, first + i]) * at(k, [b!, m, first + i])));
      return sum(M, (m) => softmax(scores)[m]! * at(v, [b!, m, d!]));
    })];
  },
};

/** What `outputs` are for the given inputs, each with all the outputs that its op has. */
export function interpretAll<Name extends string>(
  outputs: Readonly<Record<Name, Value>>,
  inputs: Readonly<Record<string, Numbers>> = {},
): Record<Name, Tensor[]> {
  const results = new Map<Value, Tensor[]>();
  const visit = <K extends Op>(value: Value<K>) => {
    const all = value.inputs.map((x) => results.get(x)!);
    const operands = all.map(([first]) => first!) as unknown as Each<Ops[K]["inputs"], Tensor>;
    const reference: Reference<K> = REFERENCE[value.op];
    results.set(value, reference(operands, value.attrs, all));
  };
  for (const value of topological(Object.values(outputs))) {
    visit(value);
    if (value.op !== "Input") continue;
    const { name } = (value as Value<"Input">).attrs;
    results.set(value, [{ shape: value.shape, data: inputs[name]! }]);
  }
  const entries = Object.entries<Value>(outputs);
  return Object.fromEntries(entries.map(([name, x]) => [name, results.get(x)!])) as Record<
    Name,
    Tensor[]
  >;
}

/** Elements of the first output of each of `outputs`. */
export function interpret<Name extends string>(
  outputs: Readonly<Record<Name, Value>>,
  inputs: Readonly<Record<string, Numbers>> = {},
): Record<Name, number[]> {
  const all = Object.entries<Tensor[]>(interpretAll(outputs, inputs));
  return Object.fromEntries(
    all.map(([name, [first]]) => [name, Array.from(first!.data)]),
  ) as Record<Name, number[]>;
}
