/** Tensors that repeat block after block, told once. */
import type { TensorOutline } from "../lib/inspect/mod.ts";

/** Tensors that are alike but for one number in their names. */
export interface TensorGroup extends TensorOutline {
  readonly count: number;
}

/** Groups tensors: `blocks.0-11.norm1.weight` for twelve of one type and shape, in the order of the first of each. */
export function groupTensors(tensors: readonly TensorOutline[]): TensorGroup[] {
  const groups = new Map<string, { first: TensorOutline; numbers: number[] }>();
  for (const tensor of tensors) {
    const number = /(?<=\.)\d+(?=\.)/.exec(tensor.name)?.[0];
    const pattern = number === undefined ? tensor.name : tensor.name.replace(`.${number}.`, ".*.");
    const key = `${pattern} ${tensor.dtype} ${tensor.shape}`;
    const group = groups.get(key) ?? { first: tensor, numbers: [] };
    if (number !== undefined) group.numbers.push(Number(number));
    groups.set(key, group);
  }
  return [...groups.values()].map(({ first, numbers }) => {
    if (numbers.length < 2) return { ...first, count: 1 };
    const text = ranges(numbers.toSorted((a, b) => a - b));
    const name = first.name.replace(/(?<=\.)\d+(?=\.)/, text);
    return { ...first, name, count: numbers.length };
  });
}

/** `0-3,5` for sorted numbers. */
function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => from === to ? String(from) : `${from}-${to}`).join(",");
}
