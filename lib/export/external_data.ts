/** Weights in a file of their own, since a protobuf message ends at 2 GiB. */
import type { Message } from "../onnx/mod.ts";

/** Elements of fewer bytes stay in the model: shapes and axes, which readers want to see. */
const SMALLEST = 1024;
/** Where elements start, in bytes, so that readers can map them into memory. */
const ALIGNMENT = 4096;
/** `TensorProto.DataLocation.EXTERNAL`. */
const EXTERNAL = 1;

/** A model without its weights, and the weights. */
export interface SplitModel {
  readonly model: Message<"Model">;
  /** Pieces of the other file, one after another. */
  readonly data: readonly Uint8Array[];
}

/** Bytes of all constants. */
export function constantBytes({ graph = {} }: Message<"Model">): number {
  return (graph.initializer ?? []).reduce((sum, { rawData }) => sum + rawData!.byteLength, 0);
}

/**
 * Moves the large constants into a file.
 *
 * @param file its name; it lies beside the model.
 */
export function externalise(model: Message<"Model">, file: string): SplitModel {
  const data: Uint8Array[] = [];
  let end = 0;
  const initializer = (model.graph!.initializer ?? []).map((tensor) => {
    const { rawData, ...rest } = tensor;
    const length = rawData!.byteLength;
    if (length < SMALLEST) return tensor;
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    data.push(new Uint8Array(offset - end), rawData!);
    end = offset + length;
    const entries = { location: file, offset: String(offset), length: String(length) };
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
    return { ...rest, externalData, dataLocation: EXTERNAL };
  });
  return { model: { ...model, graph: { ...model.graph, initializer } }, data };
}
