/** The PyTorch twin on the same device. */
import type { Method, Precision } from "../../lib/recipes/mod.ts";
import type { Device } from "../../lib/runtime/mod.ts";
import { readJsonLine } from "./child.ts";

/** The twin. */
export const PEER = "bench_torch.py";

/** Where it is. */
export interface PeerOptions {
  readonly python: string;
  readonly folder: string;
  /** Whether torch.compile is used. */
  readonly compile: boolean;
}

/** What is read of its line. */
export interface PeerFigures {
  readonly img_s: number;
  readonly torch: string;
  readonly peak_cuda_mib: number | null;
}

/** The twin's flags for a precision. */
const PRECISION_FLAGS: { readonly [K in Precision]: readonly string[] } = {
  float32: [],
  tf32: ["--tf32"],
  bfloat16: ["--amp", "bf16"],
  float16: ["--amp", "fp16"],
};

/** What the twin is told. */
export interface PeerTask {
  readonly config: string;
  readonly method: Method;
  readonly precision: Precision;
  readonly batch: number;
  readonly device: Device;
  readonly threads: number;
  readonly seconds: number;
}

/** The twin's arguments. */
function peerArguments(task: PeerTask, { compile }: Pick<PeerOptions, "compile">): string[] {
  const { config, method, precision, batch, device, threads, seconds } = task;
  const flags = {
    config,
    method,
    batch,
    threads,
    device: device.kind === "cuda" ? "cuda" : "cpu",
    reps: 3,
    "rep-seconds": seconds / 3,
  };
  return [
    "-B",
    PEER,
    ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ...PRECISION_FLAGS[precision],
    ...compile ? ["--compile"] : [],
  ];
}

/** Times the twin. @throws {Error} if it fails. */
export async function timePeer(task: PeerTask, peer: PeerOptions): Promise<PeerFigures> {
  const { device } = task;
  const env = device.kind === "cuda" ? { CUDA_VISIBLE_DEVICES: visibleDevice(device.index) } : {};
  const options = { cwd: peer.folder, env };
  return await readJsonLine(peer.python, peerArguments(task, peer), options) as PeerFigures;
}

/** The one GPU that the twin shall see, among those that this process sees. */
function visibleDevice(index: number): string {
  const visible = Deno.env.get("CUDA_VISIBLE_DEVICES");
  return visible?.split(",")[index] ?? String(index);
}
