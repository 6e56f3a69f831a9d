/** How fast configurations are trained, beside what the device can do and beside PyTorch. */
import { measureMatrixRate } from "../../lib/doctor/mod.ts";
import { type Device, Environment, openDeviceContext } from "../../lib/runtime/mod.ts";
import type { Precision } from "../../lib/recipes/mod.ts";
import { readJsonLine } from "./child.ts";
import { CONFIGURATIONS } from "./configurations.ts";
import { type PeerFigures, type PeerOptions, timePeer } from "./peer.ts";
import type { RateFigures, RateTask } from "./rate.ts";
import type { Verdict } from "./verdict.ts";

/** Measured GFLOP/s of square products by precision. */
export type MatrixRates = Partial<Record<Precision, number>>;

/** A row of the table. */
export interface RateRow {
  readonly task: RateTask;
  /** Null if even the smallest batch failed. */
  readonly figures: RateFigures | null;
  /** Why, or why the batch is smaller than asked for. */
  readonly note: string | null;
  /** Of the products of `figures`, in 10^12 a second. */
  readonly tflops: number | null;
  /** Of the device's measured matrix rate in that precision. */
  readonly share: number | null;
  /** Null if it was not asked for, or lacks the configuration; a text says why it failed. */
  readonly peer: PeerFigures | string | null;
}

/** Measures square products in each precision; float16's are taken to be as fast as bfloat16's. */
export function measureMatrixRates(
  device: Device,
  options: {
    readonly precisions: readonly Precision[];
    readonly seconds: number;
    readonly threads: number;
  },
): MatrixRates {
  const { precisions, seconds, threads } = options;
  using environment = Environment.open();
  using context = openDeviceContext(device, environment);
  const rates: MatrixRates = {};
  for (const precision of precisions) {
    const isLow = precision === "bfloat16" || precision === "float16";
    rates[precision] = isLow && (rates.bfloat16 ?? rates.float16) ||
      measureMatrixRate(context, {
        dtype: isLow ? "bfloat16" : "float32",
        tf32: precision === "tf32",
        seconds,
        threads,
      }).gflops;
  }
  return rates;
}

/** Times one configuration, with half the batch again and again while memory does not suffice, and then PyTorch with that batch. */
export async function rateRow(
  asked: RateTask,
  { matrix, peer }: { readonly matrix: MatrixRates; readonly peer: PeerOptions | null },
): Promise<RateRow> {
  const { task, figures, note } = await timeLargest(asked);
  const { name, precision } = task;
  const tflops = figures && figures.flops / figures.step_s / 1e12;
  const most = matrix[precision];
  return {
    task,
    figures,
    note,
    tflops,
    share: tflops === null || most === undefined ? null : 1000 * tflops / most,
    peer: peer && CONFIGURATIONS[name].inPeer
      ? await timePeer({ ...task, config: name }, peer).catch((error: Error) => error.message)
      : null,
  };
}

async function timeLargest(asked: RateTask): Promise<Pick<RateRow, "task" | "figures" | "note">> {
  const script = new URL("./rate_process.ts", import.meta.url).pathname;
  let task = asked;
  while (true) {
    const isLess = task.batch < asked.batch;
    try {
      const args = ["run", "-A", script, JSON.stringify(task)];
      const figures = await readJsonLine(Deno.execPath(), args) as RateFigures;
      return { task, figures, note: isLess ? `batch ${asked.batch} took too much memory` : null };
    } catch (error) {
      const { message } = error as Error;
      if (!isOutOfMemory(message) || task.batch === 1) {
        return { task, figures: null, note: message };
      }
      task = { ...task, batch: task.batch >> 1 };
    }
  }
}

/** Whether a message is about memory that could not be had, in the words of CUDA, ONNX Runtime or this project. */
export function isOutOfMemory(message: string): boolean {
  return /out of memory|cudaErrorMemoryAllocation|failed to allocate memory|bad.?alloc|does not fit/i
    .test(message);
}

/** Holds if the row was measured with a finite loss, and PyTorch, where it was asked for. */
export function rateVerdict({ task, figures, note, peer }: RateRow): Verdict {
  const { name, method, precision, batch } = task;
  const isFinite = figures !== null && Number.isFinite(figures.loss_last);
  const measured = figures === null
    ? note!
    : `${figures.images_s.toFixed(1)} images/s, loss ${figures.loss_first.toFixed(3)} -> ` +
      figures.loss_last.toFixed(3) + (note === null ? "" : `; ${note}`);
  return {
    check: "rates",
    what: `${name}, ${method}, ${precision}, batch ${batch}`,
    holds: isFinite && typeof peer !== "string",
    detail: measured + (typeof peer === "string" ? `; PyTorch: ${peer}` : ""),
  };
}
