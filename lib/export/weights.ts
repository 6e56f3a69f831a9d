/** Weights into a model: inputs that are parameters become constants. */
import { arrayOver, DTYPES, sameShape, type Shape, showShape, sizeOf } from "../tensor/mod.ts";
import type { Message } from "../onnx/mod.ts";
import type { Parameter, ParameterView } from "../nn/mod.ts";
import { DataError } from "../data/mod.ts";
import { TOKEN_BASE } from "./image_model.ts";
import type { ExportSource } from "./source.ts";

/** float32 elements by the names of parameters. */
export type Weights = ReadonlyMap<string, Uint8Array>;

/**
 * The parameters' elements.
 *
 * @throws {DataError} if the source lacks one, or it has another shape or type.
 */
export function weightsOf(source: ExportSource, parameters: readonly Parameter[]): Weights {
  return new Map(parameters.map(({ name, shape }) => {
    return [name, name === TOKEN_BASE ? tokenBase(source, shape) : elements(source, name, shape)];
  }));
}

/** The graph with the views of parameters as constants. */
export function bindWeights(
  graph: Message<"Graph">,
  weights: Weights,
  views: readonly ParameterView[],
): Message<"Graph"> {
  const constants = views.map((view): Message<"Tensor"> => {
    const { name, shape } = view.value.attrs;
    return { name, dims: shape, dataType: DTYPES.float32.onnx, rawData: viewOf(weights, view) };
  });
  const bound = new Set(constants.map(({ name }) => name));
  return {
    ...graph,
    initializer: [...graph.initializer ?? [], ...constants],
    input: (graph.input ?? []).filter(({ name }) => !bound.has(name)),
  };
}

/** The elements of a view. */
export function viewOf(weights: Weights, { parameter, offset, value }: ParameterView): Uint8Array {
  const bytes = weights.get(parameter.name)!;
  return bytes.subarray(4 * offset, 4 * (offset + sizeOf(value.shape)));
}

/** Positions with CLS added to the first. */
function tokenBase(source: ExportSource, shape: Shape): Uint8Array {
  const [rows, width] = shape as [number, number];
  const bytes = elements(source, "pos_embed", [1, rows, width]).slice();
  const positions = arrayOver("float32", bytes);
  const cls = arrayOver("float32", elements(source, "cls_token", [1, 1, width]).slice());
  cls.forEach((x, i) => positions[i]! += x);
  return bytes;
}

function elements({ tensors }: ExportSource, name: string, shape: Shape): Uint8Array {
  const tensor = tensors.get(name);
  if (tensor === undefined) {
    throw new DataError(`Cannot export the model: its checkpoint has no tensor ${name}`);
  }
  if (tensor.dtype !== "float32" || !sameShape(tensor.shape, shape)) {
    throw new DataError(
      `Cannot export the model: ${name} is ${tensor.dtype} ${
        showShape(tensor.shape)
      } in its checkpoint, ` +
        `the model wants float32 ${showShape(shape)}`,
    );
  }
  return tensor.data;
}

/** The bytes where arrays of any type may start. */
export function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}
