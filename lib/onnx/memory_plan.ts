/** How much memory a graph's intermediate results take at once, by ONNX Runtime's own rules of what shares memory. */
import { type DType, DTYPES, sameShape, type Shape, sizeOf } from "../tensor/mod.ts";
import { type Allocation, type ArenaGrowth, ArenaModel } from "./arena_model.ts";
import { executionOrder } from "./execution_order.ts";
import type { Message } from "./schema.ts";

/** What running a graph takes beside its inputs and outputs, in bytes. */
export interface MemoryPlan {
  /** Most that intermediate results and kernels' scratch take at once, with what the arena loses to fragments. */
  readonly peak: number;
  /** What the arena asks of the system for them. */
  readonly reserved: number;
  /** Name of the node that runs when they do. */
  readonly at: string;
  /** Constants that the model holds. */
  readonly constants: number;
}

/** Ops whose result is their first operand's memory. */
const ALIASES: ReadonlySet<string> = new Set(["Reshape", "Identity"]);

/** Ops whose result may take the place of an operand that nobody else reads. */
const IN_PLACE: ReadonlySet<string> = new Set(["Relu", "Softmax", "LogSoftmax", "Cast"]);

interface Tensor {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** A piece of memory that one result after another lies in. */
interface Block {
  readonly tensor: Tensor;
  /** Reads to come, and the makers of what will lie in it. */
  uses: number;
  first: number;
  last: number;
}

/**
 * Plans as ONNX Runtime 1.30 does on the CPU (`PlannerImpl::ComputeSingleStreamReusePlan`), with memory patterns off:
 *
 * - Inputs and outputs are bound, so they take nothing.
 * - Some ops write over an operand that they are the last to read; a reshape shares its operand's memory.
 * - Memory that has become free is taken by the next result of the same shape and element size, and is held until then: what
 *   two phases of a graph use of different shapes adds up.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { planMemory, toModel } from "./mod.ts";
 *
 * const x = graph.input("x", "float32", [1024]);
 * const model = toModel({ y: graph.softmax(graph.exp(x)) }, { name: "plan" });
 * console.assert(planMemory(model.graph!).peak >= 4096);
 * ```
 */
export function planMemory(
  graph: Message<"Graph">,
  options: { readonly growth?: ArenaGrowth } = {},
): MemoryPlan {
  const nodes = graph.node ?? [];
  const tensors = tensorsOf(graph);
  const order = executionOrder(graph);
  const outputs = new Set(graph.output?.map(({ name }) => name));

  const uses = new Map<string, number>();
  const use = (name: string) => uses.set(name, (uses.get(name) ?? 0) + 1);
  for (const { input = [], output = [] } of nodes) [...input, ...output].forEach(use);

  /** Where results lie; what is bound or constant has no block. */
  const places = new Map<string, Block>();
  const blocks: Block[] = [];
  const free: Block[] = []; // the last one freed first
  order.forEach((index, step) => {
    const { input = [], output = [], opType = "" } = nodes[index]!;
    for (const name of output) {
      const tensor = tensors.get(name);
      if (outputs.has(name) || tensor === undefined && !ALIASES.has(opType)) continue;
      let block = reusable(places.get(input[0] ?? ""), opType, tensor);
      if (block === undefined && ALIASES.has(opType)) continue; // of something bound
      if (block === undefined) {
        const found = tensor!.shape.length === 0
          ? -1
          : free.findIndex((block) => fits(block, tensor!));
        block = found < 0
          ? { tensor: tensor!, uses: 0, first: step, last: step }
          : free.splice(found, 1)[0]!;
        if (found < 0) blocks.push(block);
      }
      block.uses += uses.get(name)!;
      places.set(name, block);
    }
    for (const name of [...input, ...output]) {
      const block = places.get(name);
      if (block === undefined) continue;
      block.last = step;
      if (--block.uses === 0) free.unshift(block);
    }
  });

  const arena = new ArenaModel(options.growth);
  const starting = Map.groupBy(blocks, ({ first }) => first);
  const ending = Map.groupBy(blocks, ({ last }) => last);
  const held = new Map<Block, Allocation>();
  let at = "";
  // A second run finds the arena as the first one left it
  for (let run = 0; run < 2; run++) {
    order.forEach((index, step) => {
      const before = arena.peak;
      for (const block of starting.get(step) ?? []) {
        held.set(block, arena.allocate(bytesOf(block.tensor)));
      }
      scratchOf(nodes[index]!, tensors).map((bytes) => arena.allocate(bytes))
        .forEach((allocation) => arena.free(allocation));
      for (const block of ending.get(step) ?? []) arena.free(held.get(block)!);
      if (arena.peak > before) at = nodes[index]!.name ?? "";
    });
  }
  const constants = (graph.initializer ?? []).map(({ rawData }) => rawData?.byteLength ?? 0);
  const { peak, reserved } = arena;
  return { peak, reserved, at, constants: constants.reduce((a, b) => a + b, 0) };
}

/** The operand's memory if the op's result takes it. */
function reusable(
  operand: Block | undefined,
  op: string,
  result: Tensor | undefined,
): Block | undefined {
  if (operand === undefined) return undefined;
  if (ALIASES.has(op)) return operand;
  return IN_PLACE.has(op) && operand.uses === 1 && fits(operand, result!) ? operand : undefined;
}

function fits({ tensor }: Block, { dtype, shape }: Tensor): boolean {
  return DTYPES[tensor.dtype].bytes === DTYPES[dtype].bytes && sameShape(tensor.shape, shape);
}

function bytesOf({ dtype, shape }: Tensor): number {
  return sizeOf(shape) * DTYPES[dtype].bytes;
}

/** Pieces that a kernel allocates for as long as it runs, in bytes. */
function scratchOf(
  { opType, input = [], output = [] }: Message<"Node">,
  tensors: ReadonlyMap<string, Tensor>,
): number[] {
  const bytes = (name: string | undefined) => {
    const tensor = tensors.get(name ?? "");
    return tensor === undefined ? 0 : bytesOf(tensor);
  };
  switch (opType) {
    case "MultiHeadAttention": // queries, keys and values by head
      return input.slice(0, 3).map(bytes);
    case "Where": // both choices, zeroed where they were not chosen
      return [bytes(output[0]), bytes(output[0])];
    default:
      return [];
  }
}

function tensorsOf({ input = [], output = [], valueInfo = [] }: Message<"Graph">) {
  const dtypes = new Map<number | undefined, DType>(
    Object.entries(DTYPES).map(([name, { onnx }]) => [onnx, name as DType]),
  );
  const tensors = new Map<string, Tensor>();
  for (const { name, type } of [...input, ...output, ...valueInfo]) {
    const { elemType, shape } = type?.tensorType ?? {};
    const dtype = dtypes.get(elemType);
    if (name === undefined || dtype === undefined) continue;
    tensors.set(name, { dtype, shape: shape?.dim?.map(({ dimValue = 0 }) => dimValue) ?? [] });
  }
  return tensors;
}
