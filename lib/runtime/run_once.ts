import { arrayOver, DTYPES, showShape, sizeOf } from "../tensor/mod.ts";
import { created, cString, outPointer } from "./api.ts";
import { CPU } from "./device.ts";
import type { Environment } from "./environment.ts";
import { hostAllocator } from "./host_buffer.ts";
import { checkNames, checkTensor, readType } from "./ports.ts";
import type { Session } from "./session.ts";
import { Tensor, type TensorData } from "./tensor.ts";

/** See {@linkcode Session.run}. ONNX Runtime allocates the outputs, so their shapes may be open. */
export function runOnce(
  session: Session,
  inputs: Readonly<Record<string, Tensor | TensorData>>,
): Record<string, TensorData> {
  checkNames("input", session.inputs, Object.keys(inputs));
  for (const port of session.inputs) checkTensor("input", port, inputs[port.name]!);
  const { environment } = session;
  const { api } = environment;
  using cleanup = new DisposableStack();
  const binding = created((out) => api.CreateIoBinding(session.pointer, out));
  cleanup.defer(() => api.ReleaseIoBinding(binding));
  for (const [name, input] of Object.entries(inputs)) {
    const tensor = input instanceof Tensor ? input : cleanup.use(hostTensor(environment, input));
    api.BindInput(binding, cString(name), tensor.pointer);
  }
  const host = environment.memoryInfo(CPU);
  for (const { name } of session.outputs) api.BindOutputToDevice(binding, cString(name), host);
  const runOptions = created((out) => api.CreateRunOptions(out));
  cleanup.defer(() => api.ReleaseRunOptions(runOptions));
  // Outputs lie elsewhere at every run, so none is captured
  api.AddRunConfigEntry(runOptions, cString("gpu_graph_id"), cString("-1"));
  session.stream?.synchronize(); // what the inputs wait for
  api.RunWithBinding(session.pointer, runOptions, binding);

  const count = new BigUint64Array(1);
  const list = outPointer((out) =>
    api.GetBoundOutputValues(binding, environment.allocator, out, count)
  );
  if (list === null) return {};
  cleanup.defer(() => api.AllocatorFree(environment.allocator, list));
  const view = new Deno.UnsafePointerView(list);
  const values = session.outputs.map((port, i) => {
    const value = view.getPointer(8 * i)!;
    cleanup.defer(() => api.ReleaseValue(value));
    return [port.name, value] as const;
  });
  return Object.fromEntries(values.map(([name, value]) => [name, read(environment, value)]));
}

function hostTensor(environment: Environment, { dtype, shape, data }: TensorData): Tensor {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(
      `Cannot use ${data.length} values as ${dtype}${showShape(shape)}: it has ${sizeOf(shape)}`,
    );
  }
  using buffer = hostAllocator.allocate(bytes.byteLength);
  buffer.upload(bytes);
  return environment.tensor(buffer, { dtype, shape });
}

function read({ api }: Environment, value: Deno.PointerObject): TensorData {
  const info = created((out) => api.GetTensorTypeAndShape(value, out));
  try {
    const { dtype, shape } = readType(api, info);
    const bytes = new Uint8Array(sizeOf(shape) * DTYPES[dtype].bytes);
    const data = outPointer((out) => api.GetTensorMutableData(value, out));
    if (data !== null && bytes.length > 0) new Deno.UnsafePointerView(data).copyInto(bytes);
    return { dtype, shape, data: arrayOver(dtype, bytes) };
  } finally {
    api.ReleaseTensorTypeAndShapeInfo(info);
  }
}
