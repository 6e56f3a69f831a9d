import { created, takeText } from "./api.ts";
import { Binding, type BindingTensors } from "./binding.ts";
import { CPU, type Device } from "./device.ts";
import type { Environment } from "./environment.ts";
import { Handle } from "./handle.ts";
import { type PlacedNode, readPlacement } from "./placement.ts";
import { type Port, readPorts } from "./ports.ts";
import { runOnce } from "./run_once.ts";
import { createSessionOptions, type SessionOptions } from "./session_options.ts";
import type { Stream } from "./stream.ts";
import type { Tensor, TensorData } from "./tensor.ts";

/** A model, ready to run. */
export class Session extends Handle {
  readonly environment: Environment;
  readonly device: Device;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Where runs are put; null if they are done when they return. For this folder's own use. */
  readonly stream: Stream | null;

  readonly #profiled: boolean;
  readonly #hasPlacement: boolean;

  private constructor(
    environment: Environment,
    pointer: Deno.PointerObject,
    model: Uint8Array<ArrayBufferLike>,
    { device = CPU, profile, recordPlacement = false, created, stream }: SessionOptions,
  ) {
    super("session", pointer, {
      free: () => environment.api.ReleaseSession(pointer),
      parents: [environment],
    });
    this.environment = environment;
    this.device = device;
    this.stream = stream ?? null;
    this.#profiled = profile !== undefined;
    this.#hasPlacement = recordPlacement;
    try {
      this.inputs = readPorts(environment, pointer, "input");
      this.outputs = readPorts(environment, pointer, "output");
      created?.(this, model);
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
    const settings = createSessionOptions(environment, options);
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
      return new Session(environment, pointer, model, options);
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
   * Which provider took which node, when the session was created. Copies that ONNX Runtime puts in between
   * providers are no nodes of the model, and not told.
   *
   * @throws {TypeError} unless the session was created with the `recordPlacement` option.
   */
  get placement(): readonly PlacedNode[] {
    const { pointer } = this;
    if (!this.#hasPlacement) {
      throw new TypeError(
        "Cannot tell the placement: the session did not record it; give the recordPlacement option",
      );
    }
    return readPlacement(this.environment, pointer);
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
