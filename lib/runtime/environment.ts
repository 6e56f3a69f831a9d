import type { DType } from "../tensor/mod.ts";
import { type Api, created, cString, openApi, outPointer, textAt } from "./api.ts";
import type { Buffer } from "./buffer.ts";
import { type Device, showDevice } from "./device.ts";
import { EnvironmentError, OrtError } from "./errors.ts";
import { API_VERSION } from "./functions.ts";
import { Handle } from "./handle.ts";
import { libraryPath, openLibrary } from "./library.ts";
import { PROVIDERS } from "./providers.ts";
import { Session } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";
import { shareArena, type SharedArenaOptions } from "./shared_arena.ts";
import { Tensor, type TensorType } from "./tensor.ts";

/** How much ONNX Runtime writes to standard error. */
export const LOG_LEVELS = ["verbose", "info", "warning", "error", "fatal"] as const;

/** One of {@linkcode LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Options of {@linkcode Environment.open}. */
export interface EnvironmentOptions {
  /** ONNX Runtime's library, or the folder that holds it; see {@linkcode libraryPath}. */
  readonly library?: string;
  /** Default `error`. */
  readonly logLevel?: LogLevel;
  /**
   * One arena of host memory for all sessions, where each has its own unless given: they run one after another, so that what one
   * has freed serves the next. A process has one such arena: the last that was opened, for sessions made from then on.
   */
  readonly sharedArena?: SharedArenaOptions;
}

/**
 * ONNX Runtime, opened: what sessions and tensors are made from.
 *
 * ```ts
 * import { graph, onnx, runtime } from "../../mod.ts";
 *
 * const { ALIGNMENT, Environment, hostAllocator } = runtime;
 * const [x, y] = [graph.input("a", "float32", [2]), graph.input("b", "float32", [2])];
 * const model = onnx.emit({ sum: graph.add(x, y) }, { name: "sum" });
 *
 * using environment = Environment.open();
 * using session = environment.session(model, { threads: 2 }); // sum = a + b
 * using buffer = hostAllocator.allocate(3 * ALIGNMENT);
 * const vector = (i: number) =>
 *   environment.tensor(buffer, { dtype: "float32", shape: [2], byteOffset: i * ALIGNMENT });
 * using a = vector(0), b = vector(1), sum = vector(2);
 * using binding = session.bind({ inputs: { a, b }, outputs: { sum } });
 * a.array.set([1, 2]);
 * b.array.set([10, 20]);
 * binding.run(); // sum.array is now [11, 22]
 * ```
 */
export class Environment extends Handle {
  /** The functions. For this folder's own use. */
  readonly api: Api;
  /** ONNX Runtime's default host allocator. For this folder's own use. */
  readonly allocator: Deno.PointerObject;
  /** Version of ONNX Runtime, such as `1.30.0`. */
  readonly version: string;
  /** Path of the library. */
  readonly library: string;
  /** True if sessions allocate from one arena. */
  readonly sharesArena: boolean;
  readonly #memoryInfos: Map<string, Deno.PointerObject>;

  private constructor(
    api: Api,
    pointer: Deno.PointerObject,
    options: { version: string; library: string; sharesArena: boolean; close: () => void },
  ) {
    const memoryInfos = new Map<string, Deno.PointerObject>();
    super("environment", pointer, {
      free: () => {
        for (const info of memoryInfos.values()) api.ReleaseMemoryInfo(info);
        api.ReleaseEnv(pointer);
        options.close();
      },
    });
    this.api = api;
    this.allocator = created((out) => api.GetAllocatorWithDefaultOptions(out));
    this.version = options.version;
    this.library = options.library;
    this.sharesArena = options.sharesArena;
    this.#memoryInfos = memoryInfos;
  }

  /**
   * Loads ONNX Runtime. Each thread opens its own.
   *
   * @throws {EnvironmentError} if the library is missing, cannot be loaded or is too old.
   */
  static open(options: EnvironmentOptions = {}): Environment {
    const path = libraryPath(options.library);
    const library = openLibrary(path);
    try {
      const { api, version } = openApi(library.base);
      if (api === null) {
        throw new EnvironmentError(
          `Cannot use ONNX Runtime at ${path}: version ${version} lacks API version ${API_VERSION}`,
        );
      }
      const level = LOG_LEVELS.indexOf(options.logLevel ?? "error");
      const pointer = createEnvironment(api, level);
      const environment = new Environment(api, pointer, {
        version,
        library: path,
        sharesArena: options.sharedArena !== undefined,
        close: () => library.close(),
      });
      if (options.sharedArena !== undefined) shareArena(api, pointer, options.sharedArena);
      return environment;
    } catch (error) {
      library.close();
      throw error;
    }
  }

  /** Names of the providers that the library was built with, such as `CPUExecutionProvider`. */
  get providers(): readonly string[] {
    this.check();
    const length = new Int32Array(1);
    const list = outPointer((out) => this.api.GetAvailableProviders(out, length))!;
    const view = new Deno.UnsafePointerView(list);
    const names = Array.from({ length: length[0]! }, (_, i) => textAt(view.getPointer(8 * i)));
    this.api.ReleaseAvailableProviders(list, length[0]!);
    return names;
  }

  /**
   * A session that runs the model with these `ModelProto` bytes.
   *
   * @throws {OrtError} if ONNX Runtime refuses the model.
   * @throws {EnvironmentError} if the device's provider is not available.
   */
  session(model: Uint8Array<ArrayBufferLike>, options: SessionOptions = {}): Session {
    this.check();
    return Session.create(this, model, options);
  }

  /**
   * A view of a part of `buffer`, without copying; `byteOffset` is 0 unless given.
   *
   * @throws {RangeError} if it does not lie in the buffer, or not at a multiple of the element's size.
   */
  tensor<T extends DType>(
    buffer: Buffer,
    options: TensorType<T> & { readonly byteOffset?: number },
  ): Tensor<T> {
    this.check();
    return new Tensor(this, buffer, options);
  }

  /** `OrtMemoryInfo` of a device's memory. For this folder's own use. */
  memoryInfo(device: Device): Deno.PointerObject {
    const key = showDevice(device);
    let info = this.#memoryInfos.get(key);
    if (info === undefined) {
      const DEVICE_ALLOCATOR = 0, DEFAULT_MEMORY = 0;
      const name = cString(PROVIDERS[device.kind].memory);
      const id = device.kind === "cuda" ? device.index : 0;
      info = created((out) =>
        this.api.CreateMemoryInfo(name, DEVICE_ALLOCATOR, id, DEFAULT_MEMORY, out)
      );
      this.#memoryInfos.set(key, info);
    }
    return info;
  }
}

/**
 * The one instance that a process has. When another thread has just released the last reference, ONNX Runtime deletes it
 * outside its lock, and refuses a new one until it is gone: some milliseconds.
 */
function createEnvironment(api: Api, level: number): Deno.PointerObject {
  const PATIENCE = 5000;
  const start = performance.now();
  for (;;) {
    try {
      return created((out) => api.CreateEnv(level, cString("ccmim"), out));
    } catch (error) {
      const goes = error instanceof OrtError &&
        error.message.includes("Only one instance of LoggingManager");
      if (!goes || performance.now() - start > PATIENCE) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
