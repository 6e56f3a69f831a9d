/** The order in which ONNX Runtime runs a graph's nodes one after another, which is not the order of the file. */
import type { Message } from "./schema.ts";

/**
 * Indices into the graph's nodes in the order of execution, as `Graph::ReverseDFSFrom` and `NodeCompare` of ONNX Runtime 1.30
 * make it for sessions that run nodes sequentially: depth first from the nodes whose results no node reads, the last of them
 * first; of a node's operands the one first whose node stands last in the file.
 *
 * @example
 * ```ts
 * import { graph } from "../../mod.ts";
 * import { executionOrder, toModel } from "./mod.ts";
 *
 * const x = graph.input("x", "float32", [3]);
 * const model = toModel({ y: graph.exp(graph.neg(x)) }, { name: "chain" });
 * console.assert(String(executionOrder(model.graph!)) === "0,1");
 * ```
 */
export function executionOrder({ node: nodes = [] }: Message<"Graph">): number[] {
  const makers = new Map<string, number>();
  nodes.forEach(({ output = [] }, i) => output.forEach((name) => makers.set(name, i)));
  const operands = nodes.map(({ input = [] }) => {
    const makersOfInputs = input.map((name) => makers.get(name)).filter((i) => i !== undefined);
    return [...new Set(makersOfInputs)].sort((a, b) => a - b);
  });
  const read = new Set(operands.flat());

  const order: number[] = [];
  const entered = new Set<number>();
  const stack = nodes.flatMap((_, index) => read.has(index) ? [] : [{ index, isLeft: false }]);
  while (stack.length > 0) {
    const { index, isLeft } = stack.pop()!;
    if (isLeft) order.push(index);
    else if (!entered.has(index)) {
      entered.add(index);
      stack.push({ index, isLeft: true });
      for (const operand of operands[index]!) {
        if (!entered.has(operand)) stack.push({ index: operand, isLeft: false });
      }
    }
  }
  return order;
}
