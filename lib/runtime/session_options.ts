import { created, cString } from "./api.ts";
import { CPU, type Device } from "./device.ts";
import type { Environment } from "./environment.ts";
import { RECORD_PLACEMENT } from "./placement.ts";
import { appendProvider } from "./providers.ts";
import type { Session } from "./session.ts";
import type { Stream } from "./stream.ts";

/** Levels of `GraphOptimizationLevel`. */
const LEVELS = { disabled: 0, basic: 1, extended: 2, all: 99 } as const;

/** Which passes ONNX Runtime makes over the graph. */
export type GraphOptimization = keyof typeof LEVELS;

/** How a session is set up. Nodes run one after another, in the order that ONNX Runtime chooses. */
export interface SessionOptions {
  /** Default the CPU. */
  readonly device?: Device;
  /** Threads inside an operator, the calling one included; default one for each core. */
  readonly threads?: number;
  /** Default `disabled`: training graphs come as they should run. */
  readonly graphOptimization?: GraphOptimization;
  /** Plans one block for all intermediate results; default false, as it raised the peak of training graphs. */
  readonly memoryPattern?: boolean;
  /** Keeps freed host memory for the next run; default true. */
  readonly arena?: boolean;
  /** Lets idle threads spin before they sleep; default true. */
  readonly spinning?: boolean;
  /** Start of the path of a profile: see {@linkcode Session.endProfiling}. */
  readonly profile?: string;
  /** Keeps which provider took which node: see {@linkcode Session.placement}. Default false. */
  readonly recordPlacement?: boolean;
  /**
   * Allows float32 products in TensorFloat-32 on CUDA, which keeps 10 bits of the fraction; default false.
   */
  readonly tf32?: boolean;
  /**
   * Captures each run of a binding that has a `graph` as a CUDA graph, and replays it from then on. Its tensors must stay where
   * they are, and none of its outputs may lie over an input: the first run executes the nodes several times. Default false.
   */
  readonly capture?: boolean;
  /** Where runs are put, without waiting for them: see {@linkcode DeviceContext.session}. For this folder's own use. */
  readonly stream?: Stream;
  /** Called with every session that was created with these options, and its model; what it throws ends the session. */
  readonly created?: (session: Session, model: Uint8Array<ArrayBufferLike>) => void;
  /**
   * Further entries, as in onnxruntime_session_options_config_keys.h. Leave `session.set_denormal_as_zero` alone:
   * the first session of the process decides for its calling thread, JavaScript's own arithmetic included.
   */
  readonly config?: Readonly<Record<string, string>>;
}

/** An `OrtSessionOptions`, to be freed by the caller. @throws {RangeError} if an option is out of range. */
export function createSessionOptions(
  environment: Environment,
  options: SessionOptions,
): Deno.PointerObject {
  const { api } = environment;
  const { threads = 0, graphOptimization = "disabled" } = options;
  if (!Number.isInteger(threads) || threads < 0 || threads > 4096) {
    throw new RangeError(`Cannot use ${threads} threads: give a whole number in [1, 4096]`);
  }
  const SEQUENTIAL = 0;
  const pointer = created((out) => api.CreateSessionOptions(out));
  try {
    api.SetSessionExecutionMode(pointer, SEQUENTIAL);
    api.SetInterOpNumThreads(pointer, 1);
    api.SetIntraOpNumThreads(pointer, threads);
    api.SetSessionGraphOptimizationLevel(pointer, LEVELS[graphOptimization]);
    if (options.memoryPattern ?? false) api.EnableMemPattern(pointer);
    else api.DisableMemPattern(pointer);
    if (options.arena ?? true) api.EnableCpuMemArena(pointer);
    else api.DisableCpuMemArena(pointer);
    if (options.profile !== undefined) api.EnableProfiling(pointer, cString(options.profile));
    const config = {
      "session.intra_op.allow_spinning": (options.spinning ?? true) ? "1" : "0",
      ...environment.sharesArena ? { "session.use_env_allocators": "1" } : {},
      ...(options.recordPlacement ?? false) ? { [RECORD_PLACEMENT]: "1" } : {},
      ...options.config,
    };
    for (const [key, value] of Object.entries(config)) {
      api.AddSessionConfigEntry(pointer, cString(key), cString(value));
    }
    appendProvider(environment, pointer, { ...options, device: options.device ?? CPU });
    return pointer;
  } catch (error) {
    api.ReleaseSessionOptions(pointer);
    throw error;
  }
}
