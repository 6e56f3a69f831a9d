import { type DType, dtypeOfOnnx, type Shape } from "../tensor/mod.ts";
import { type Api, created, outPointer, outSize, textAt } from "./api.ts";
import { Binding, type BindingTensors } from "./binding.ts";
import { CPU, type Device } from "./device.ts";
import type { Environment } from "./environment.ts";
import { Handle } from "./handle.ts";
import { runOnce } from "./run_once.ts";
import { createSessionOptions, type SessionOptions } from "./session_options.ts";
import type { Tensor, TensorData } from "./tensor.ts";

/** An input or output of a model. Axes whose size the model leaves open are -1. */
export interface Port {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** A model, ready to run. */
export class Session extends Handle {
  readonly environment: Environment;
  readonly device: Device;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];

  readonly #profiled: boolean;

  private constructor(
    environment: Environment,
    pointer: Deno.PointerObject,
    { device = CPU, profile }: SessionOptions,
  ) {
    super("session", pointer, {
      free: () => environment.api.ReleaseSession(pointer),
      parents: [environment],
    });
    this.environment = environment;
    this.device = device;
    this.#profiled = profile !== undefined;
    try {
      this.inputs = readPorts(environment, pointer, "Input");
      this.outputs = readPorts(environment, pointer, "Output");
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** See {@linkcode Environment.session}. */
  static create(
    environment: Environment,
    model: Uint8Array<ArrayBufferLike>,
    options: SessionOptions,
  ): Session {
    const { api } = environment;
    const settings = createSessionOptions(api, options);
    try {
      const pointer = created((out) =>
        api.CreateSessionFromArray(
          environment.pointer,
          model as Uint8Array<ArrayBuffer>, // shared memory does as well
          BigInt(model.byteLength),
          settings,
          out,
        )
      );
      return new Session(environment, pointer, options);
    } finally {
      api.ReleaseSessionOptions(settings);
    }
  }

  /**
   * Ties a tensor to every input and output, for many runs.
   *
   * @throws {TypeError} if a name, an element type, a shape or a device does not fit.
   */
  bind(tensors: BindingTensors): Binding {
    this.check();
    return new Binding(this, tensors);
  }

  /**
   * Runs once and returns copies of all outputs: convenient, not fast.
   *
   * @throws {TypeError} if a name, an element type or a shape does not fit.
   */
  run(inputs: Readonly<Record<string, Tensor | TensorData>>): Record<string, TensorData> {
    this.check();
    return runOnce(this, inputs);
  }

  /**
   * Ends the profile that the `profile` option began, and returns the path of its file.
   *
   * @throws {TypeError} if there is none, or it was ended already.
   */
  endProfiling(): string {
    const { api, allocator } = this.environment;
    const { pointer } = this;
    const path = this.#profiled
      ? takeText(api, allocator, (out) => api.SessionEndProfiling(pointer, allocator, out))
      : "";
    if (path === "") {
      throw new TypeError(
        "Cannot end the profile: the session has none open; give the profile option to start one",
      );
    }
    return path;
  }
}

/** Reads a text that ONNX Runtime allocated, and frees it. */
function takeText(
  api: Api,
  allocator: Deno.PointerObject,
  fill: (out: BigUint64Array<ArrayBuffer>) => void,
): string {
  const pointer = outPointer(fill);
  const text = textAt(pointer);
  api.AllocatorFree(allocator, pointer);
  return text;
}

function readPorts(
  { api, allocator }: Environment,
  session: Deno.PointerObject,
  side: "Input" | "Output",
): Port[] {
  const count = outSize((out) => api[`SessionGet${side}Count`](session, out));
  return Array.from({ length: count }, (_, i) => {
    const index = BigInt(i);
    const name = takeText(
      api,
      allocator,
      (out) => api[`SessionGet${side}Name`](session, index, allocator, out),
    );
    const type = created((out) => api[`SessionGet${side}TypeInfo`](session, index, out));
    try {
      const tensor = outPointer((out) => api.CastTypeInfoToTensorInfo(type, out));
      if (tensor === null) {
        throw new TypeError(`Cannot use ${side.toLowerCase()} "${name}": it is not a tensor`);
      }
      return { name, ...readType(api, tensor) };
    } finally {
      api.ReleaseTypeInfo(type);
    }
  });
}

/** Element type and shape behind an `OrtTensorTypeAndShapeInfo`. */
export function readType(api: Api, info: Deno.PointerObject): { dtype: DType; shape: Shape } {
  const code = new Int32Array(1);
  api.GetTensorElementType(info, code);
  const rank = outSize((out) => api.GetDimensionsCount(info, out));
  const shape = new BigInt64Array(rank);
  api.GetDimensions(info, shape, BigInt(rank));
  return { dtype: dtypeOfOnnx(code[0]!), shape: Array.from(shape, Number) };
}
