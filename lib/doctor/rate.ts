import { input, matmul } from "../graph/mod.ts";
import { emit } from "../onnx/mod.ts";
import { ALIGNMENT, alignTo, type DeviceContext } from "../runtime/mod.ts";
import { DTYPES, random } from "../tensor/mod.ts";

/** Element types that products are measured in. */
export type RateType = "float32" | "bfloat16";

/** What to measure. */
export interface RateOptions {
  readonly dtype?: RateType;
  /** Whether float32 products may run as TF32; default false. */
  readonly tf32?: boolean;
  /** Rows and columns of the matrices; default 1024 on the CPU, 4096 elsewhere. */
  readonly size?: number;
  /** At least so long is measured; default 0.5 s. */
  readonly seconds?: number;
  /** Threads of ONNX Runtime; default all cores. */
  readonly threads?: number;
}

/** A measured rate of matrix products. */
export interface MatrixRate {
  readonly dtype: RateType;
  readonly size: number;
  /** 2 x size^3 operations a product, in 10^9 a second. */
  readonly gflops: number;
}

/**
 * Measures square products of random matrices that stay on the device.
 *
 * @throws {OrtError} if the provider has no such kernel.
 *
 * @example
 * ```ts
 * import { runtime } from "../../mod.ts";
 * import { measureMatrixRate } from "./mod.ts";
 *
 * using environment = runtime.Environment.open();
 * using context = runtime.openHostContext(environment);
 * console.assert(measureMatrixRate(context, { size: 64, seconds: 0.01 }).gflops > 0);
 * ```
 */
export function measureMatrixRate(context: DeviceContext, options: RateOptions = {}): MatrixRate {
  const { dtype = "float32", tf32 = false, seconds = 0.5, threads = 0 } = options;
  const size = options.size ?? (context.device.kind === "cpu" ? 1024 : 4096);
  const shape = [size, size];
  const model = emit({ y: matmul(input("a", dtype, shape), input("b", dtype, shape)) }, {
    name: "rate",
  });
  using session = context.session(model, { threads, tf32 });
  const bytes = alignTo(size * size * DTYPES[dtype].bytes, ALIGNMENT);
  using buffer = context.allocator.allocate(3 * bytes);
  const values = randomBytes(bytes, dtype);
  buffer.upload(values, 0);
  buffer.upload(values, bytes);
  const { environment } = context;
  const tensor = (i: number) => environment.tensor(buffer, { dtype, shape, byteOffset: i * bytes });
  using a = tensor(0), b = tensor(1), y = tensor(2);
  using binding = session.bind({ inputs: { a, b }, outputs: { y } });

  const time = (runs: number): number => {
    using before = context.mark();
    for (let i = 0; i < runs; i++) binding.run();
    using after = context.mark();
    return after.secondsSince(before);
  };
  time(2); // warms up
  let runs = 1, taken = time(runs);
  while (taken < seconds) {
    runs = Math.min(16 * runs, Math.ceil(runs * 1.3 * seconds / Math.max(taken, 1e-6)));
    taken = time(runs);
  }
  return { dtype, size, gflops: 2 * size ** 3 * runs / taken / 1e9 };
}

/** Random numbers in [-1, 1): 64 Ki of them, over and over. Zeros would be faster than real work on some devices. */
function randomBytes(byteLength: number, dtype: RateType): Uint8Array<ArrayBuffer> {
  const draw = random({ seed: 0, purpose: "draw" });
  const numbers = Float32Array.from({ length: 65536 }, () => 2 * draw.uniform() - 1);
  // A bfloat16 is the upper half of a float32
  const pattern = dtype === "float32" ? new Uint8Array(numbers.buffer) : new Uint8Array(
    Uint16Array.from(new Uint32Array(numbers.buffer), (bits) => bits >>> 16).buffer,
  );
  const bytes = new Uint8Array(byteLength);
  for (let at = 0; at < byteLength; at += pattern.length) {
    bytes.set(pattern.subarray(0, byteLength - at), at);
  }
  return bytes;
}
