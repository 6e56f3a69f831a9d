/** Operations of a graph's products, counted from its shapes. */
import { decode } from "../../lib/onnx/mod.ts";
import { type Shape, sizeOf } from "../../lib/tensor/mod.ts";

/**
 * Floating-point operations of all matrix products and fused attentions of a model, a multiplication and an addition counting as
 * two. Everything else, which is bound by memory and not by arithmetic, is left out.
 *
 * @param model as `emit()` gives it, with the types of its tensors.
 * @throws {RangeError} if the model does not say the shape of an operand.
 */
export function graphFlops(model: Uint8Array<ArrayBufferLike>): number {
  const { node = [], input = [], output = [], valueInfo = [], initializer = [] } = decode(
    "Model",
    model,
  ).graph!;
  const shapes = new Map<string, Shape>();
  for (const { name = "", dims = [] } of initializer) shapes.set(name, dims);
  for (const { name = "", type } of [...input, ...output, ...valueInfo]) {
    shapes.set(name, (type?.tensorType?.shape?.dim ?? []).map(({ dimValue = 0 }) => dimValue));
  }
  let flops = 0;
  for (const { name = "", opType, input = [], output = [], attribute = [] } of node) {
    const shapeOf = (tensor: string): Shape => {
      const shape = shapes.get(tensor);
      if (shape === undefined) {
        throw new RangeError(`Cannot count ${name}: the model does not say the shape of ${tensor}`);
      }
      return shape;
    };
    if (opType === "MatMul" || opType === "FusedMatMul") {
      const a = shapeOf(input[0]!);
      const isTransposed = attribute.some(({ name, i }) => name === "transA" && i === 1);
      const depth = a.at(isTransposed ? -2 : -1)!;
      flops += 2 * depth * sizeOf(shapeOf(output[0]!));
    } else if (opType === "MultiHeadAttention") {
      // Scores q k' and their product with v, both over all heads
      const keys = shapeOf(input[1]!)[1]!;
      flops += 2 * 2 * keys * sizeOf(shapeOf(input[0]!));
    }
  }
  return flops;
}
