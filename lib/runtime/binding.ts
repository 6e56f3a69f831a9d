import { created, cString } from "./api.ts";
import { type Device, sameDevice, showDevice } from "./device.ts";
import { Handle } from "./handle.ts";
import { checkNames, checkTensor, findPort, type Side } from "./ports.ts";
import type { Session } from "./session.ts";
import type { Tensor } from "./tensor.ts";

/** A tensor for every name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** What a session reads and writes. */
export interface BindingTensors {
  readonly inputs: Tensors;
  readonly outputs: Tensors;
  /**
   * Number of the CUDA graph that a session with the `capture` option makes of its runs, from 1; without one, nothing is captured.
   * The tensors must then stay as they are.
   */
  readonly graph?: number;
}

/** A session with its inputs and outputs in place. It keeps the tensors alive. */
export class Binding extends Handle {
  readonly #session: Session;
  readonly #runOptions: Deno.PointerObject;
  readonly #bound: Map<string, Tensor>;

  /** See {@linkcode Session.bind}. */
  constructor(session: Session, { inputs, outputs, graph = -1 }: BindingTensors) {
    const { api } = session.environment;
    checkNames("input", session.inputs, Object.keys(inputs));
    checkNames("output", session.outputs, Object.keys(outputs));
    const pointer = created((out) => api.CreateIoBinding(session.pointer, out));
    const runOptions = created((out) => api.CreateRunOptions(out));
    if (session.stream !== null) {
      const entries = { disable_synchronize_execution_providers: "1", gpu_graph_id: `${graph}` };
      for (const [key, value] of Object.entries(entries)) {
        api.AddRunConfigEntry(runOptions, cString(key), cString(value));
      }
    }
    const bound = new Map<string, Tensor>();
    super("binding", pointer, {
      free: () => {
        api.ReleaseRunOptions(runOptions);
        api.ReleaseIoBinding(pointer);
        for (const tensor of bound.values()) tensor.drop();
      },
      parents: [session],
    });
    this.#session = session;
    this.#runOptions = runOptions;
    this.#bound = bound;
    try {
      for (const [name, tensor] of Object.entries(inputs)) this.bindInput(name, tensor);
      for (const [name, tensor] of Object.entries(outputs)) this.bindOutput(name, tensor);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Puts another tensor in the place of one input. It must lie on the session's device, as ONNX Runtime
   * would copy another only once, here.
   *
   * @throws {TypeError} if the name, element type, shape or device does not fit.
   */
  bindInput(name: string, tensor: Tensor): void {
    const { inputs, device, environment } = this.#session;
    checkTensor("input", findPort("input", inputs, name), tensor);
    checkDevice("input", name, tensor.buffer.device, [device]);
    environment.api.BindInput(this.pointer, cString(name), tensor.pointer);
    this.#keep(`input ${name}`, tensor);
  }

  /**
   * Puts another tensor in the place of one output: on the session's device, or on the host, where every
   * run then copies it.
   *
   * @throws {TypeError} if the name, element type, shape or device does not fit.
   */
  bindOutput(name: string, tensor: Tensor): void {
    const { outputs, device, environment } = this.#session;
    checkTensor("output", findPort("output", outputs, name), tensor);
    checkDevice("output", name, tensor.buffer.device, [device, { kind: "cpu" }]);
    environment.api.BindOutput(this.pointer, cString(name), tensor.pointer);
    this.#keep(`output ${name}`, tensor);
  }

  /**
   * Runs the model. Blocks until it is done, unless the session puts its runs on a stream.
   *
   * @throws {OrtError} if a node fails.
   */
  run(): void {
    const { environment: { api }, pointer: session, stream } = this.#session;
    const { pointer } = this;
    if (stream === null) return api.RunWithBinding(session, this.#runOptions, pointer);
    this.retain();
    stream.launch(() => {
      try {
        api.RunWithBinding(session, this.#runOptions, pointer);
      } finally {
        this.drop();
      }
    });
  }

  #keep(key: string, tensor: Tensor): void {
    tensor.retain();
    this.#bound.get(key)?.drop();
    this.#bound.set(key, tensor);
  }
}

function checkDevice(side: Side, name: string, device: Device, allowed: readonly Device[]): void {
  if (allowed.some((other) => sameDevice(device, other))) return;
  throw new TypeError(
    `Cannot bind ${side} "${name}" to memory on ${showDevice(device)}: ` +
      `the session runs on ${showDevice(allowed[0]!)}`,
  );
}
